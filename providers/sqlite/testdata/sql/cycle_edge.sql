SELECT e."child", e."parent" FROM "temp"."stage_2_e" e WHERE e."child" = ?1 ORDER BY 1, 2 LIMIT 1
-- 1: a
