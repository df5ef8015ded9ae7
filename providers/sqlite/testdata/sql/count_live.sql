SELECT count(*) FROM "room" AS t WHERE t."origin" = ?1 AND NOT (t."deleted_on" IS NOT NULL AND t."deleted_on" <= ?2)
-- 1: it's ours
-- 2: 2026-09-01 02:30:00Z
