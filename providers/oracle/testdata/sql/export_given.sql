SELECT count(*) FROM "ROOM" t WHERE t."ORIGIN" = :1 AND t."ab]c" IS NOT NULL
-- 1: it's ours
