SELECT d."registrar rows", CAST(d."a""b]c" AS text), CAST(d."year" AS text) FROM (SELECT count(*) AS "registrar rows", t."a""b]c", t."year" FROM "room" t WHERE t."origin" = $1::text AND (t."a""b]c" IS NULL OR t."year" IS NULL) GROUP BY t."a""b]c", t."year") d ORDER BY 2 LIMIT 10
-- 1: it's ours
