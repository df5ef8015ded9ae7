SELECT CAST(t."a""b]c" AS text), CAST(t."year" AS text), CAST(t."name" AS text), CAST(t."amount" AS text), CAST(t."visible" AS text), CAST(t."origin" AS text), replace(CAST(t."updated_on" AS text), '+00', 'Z'), replace(CAST(t."deleted_on" AS text), '+00', 'Z'), CASE WHEN (t."deleted_on" IS NOT NULL AND t."deleted_on" <= CAST($1::text AS timestamp with time zone)) THEN 1 ELSE 0 END FROM "room" t WHERE t."origin" = $2::text ORDER BY (CAST(t."a""b]c" AS text)) COLLATE "C", (CAST(t."year" AS text)) COLLATE "C"
-- 1: 2026-09-01 02:30:00Z
-- 2: it's ours
