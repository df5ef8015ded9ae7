SELECT CAST(s."course_id.code" AS text), CAST(s."course_id.origin" AS text), CAST(s."student" AS text) FROM "registrar"."stage_2_l" s WHERE s."course_id.code" = $1::text AND s."course_id.origin" = $2::text AND s."student" = $3::text ORDER BY 1 LIMIT 10
-- 1: A
-- 2: OURS
-- 3: S
