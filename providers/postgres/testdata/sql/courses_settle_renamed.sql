UPDATE "registrar"."stage_2_0" AS s SET "registrar skip" = coalesce(s."registrar skip", 'renamed'), "code" = v.f0 FROM (SELECT 0 AS n, $1::text AS f0, $2::text AS g0 UNION ALL SELECT 1 AS n, $3::text AS f0, $4::text AS g0) v WHERE s."code" = v.g0
-- 1: A
-- 2: B
-- 3: C
-- 4: D
