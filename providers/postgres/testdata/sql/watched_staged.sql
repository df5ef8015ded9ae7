SELECT CAST(s."a""b]c" AS text), CAST(s."year" AS text) FROM "registrar"."stage_1_0" s WHERE s."a""b]c" = $1::text AND s."year" = CAST($2::text AS integer) ORDER BY 1 LIMIT 10
-- 1: A
-- 2: 1
