SELECT count(*) FROM "room" AS t WHERE t."origin" = $1::text AND NOT (t."deleted_on" IS NOT NULL AND t."deleted_on" <= CAST($2::text AS timestamp with time zone))
-- 1: it's ours
-- 2: 2026-09-01 02:30:00Z
