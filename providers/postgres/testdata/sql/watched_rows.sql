SELECT CASE WHEN t."origin" = $1::text THEN 1 ELSE 0 END, CASE WHEN (1 = 1) THEN 1 ELSE 0 END, CASE WHEN (t."deleted_on" IS NOT NULL AND t."deleted_on" <= CAST($2::text AS timestamp with time zone)) THEN 1 ELSE 0 END, CASE WHEN 1 = 0 THEN 1 ELSE 0 END, CAST(t."a""b]c" AS text), CAST(t."year" AS text), CAST(t."name" AS text), CAST(t."amount" AS text), CAST(t."visible" AS text), CAST(t."origin" AS text), replace(CAST(t."updated_on" AS text), '+00', 'Z'), replace(CAST(t."deleted_on" AS text), '+00', 'Z') FROM "room" t WHERE t."a""b]c" = $3::text AND t."year" = CAST($4::text AS integer) ORDER BY 1 DESC, 2 DESC LIMIT 10
-- 1: it's ours
-- 2: 2026-09-01 02:30:00Z
-- 3: A
-- 4: 1
