SELECT v.n, CASE WHEN EXISTS (SELECT 1 FROM "course" t WHERE t."code" = v.f0 AND t."origin" = $1::text) THEN 1 ELSE 0 END, CASE WHEN EXISTS (SELECT 1 FROM "course" t WHERE t."code" = v.g0 AND (1 = 1)) THEN 1 ELSE 0 END, CASE WHEN EXISTS (SELECT 1 FROM "registrar"."stage_2_0" s WHERE s."code" = v.f0) THEN 1 ELSE 0 END, CASE WHEN EXISTS (SELECT 1 FROM "registrar"."stage_2_0" s WHERE s."code" = v.g0) THEN 1 ELSE 0 END FROM (SELECT 0 AS n, $2::text AS f0, $3::text AS g0 UNION ALL SELECT 1 AS n, $4::text AS f0, $5::text AS g0) v ORDER BY v.n
-- 1: OURS
-- 2: A
-- 3: B
-- 4: C
-- 5: D
