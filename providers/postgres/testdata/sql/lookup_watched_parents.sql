SELECT CAST(p."id" AS text), CASE WHEN ((CASE WHEN (p."category" = $1::text AND p."gone_on" IS NOT NULL) THEN 1 ELSE 0 END = 1)) THEN 1 ELSE 0 END FROM "course" p WHERE p."code" = $2::text AND p."origin" = $3::text ORDER BY 2, 1 LIMIT 10
-- 1: ARCHIVE
-- 2: A
-- 3: OURS
