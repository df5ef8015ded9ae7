INSERT INTO "registrar"."finding" (plan_id, seq, sync, kind, "key", message)
SELECT $1::text, 10 + row_number() OVER (), $2::text, 'unresolved', json_object(ARRAY['course_id.code', 'course_id.origin', 'student']::text[], ARRAY[CAST(s."course_id.code" AS text), CAST(s."course_id.origin" AS text), CAST(s."student" AS text)]::text[]), 'up_id: no row of the looked-up table has ' || 'student = (sensitive)' FROM "registrar"."stage_2_l" AS s WHERE s."registrar skip" IS NULL AND s."up_id.student" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "registrar"."stage_2_q" AS v WHERE v."b0" = s."up_id.student" AND v."live" = 1)
-- 1: p
-- 2: sync.links
