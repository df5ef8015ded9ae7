INSERT INTO "registrar"."stage_2_p" ("ref", "then", "live", "b0", "b1") SELECT p."id", p."id", 0, v.f0, p."origin" FROM (SELECT 0 AS n, $1::text AS f0, $2::text AS g0 UNION ALL SELECT 1 AS n, $3::text AS f0, $4::text AS g0) v JOIN "course" p ON (p."code" = v.f0 OR p."code" = v.g0) WHERE p."origin" = $5::text
-- 1: A
-- 2: B
-- 3: C
-- 4: D
-- 5: OURS
