SELECT e."child", e."parent" FROM "registrar"."stage_2_e" e WHERE e."child" = $1::text ORDER BY 1, 2 LIMIT 1
-- 1: a
