INSERT INTO "registrar"."finding" (plan_id, seq, sync, kind, "key", message)
SELECT $1::text, 10 + row_number() OVER (), $2::text, 'warned', json_object(ARRAY['course_id.code', 'course_id.origin', 'student']::text[], ARRAY[CAST(s."course_id.code" AS text), CAST(s."course_id.origin" AS text), CAST(s."student" AS text)]::text[]), s.why FROM (SELECT DISTINCT s."course_id.code", s."course_id.origin", s."student", s."registrar warning" AS why FROM "registrar"."stage_2_1" AS s WHERE s."registrar warning" IS NOT NULL AND s."registrar skip" IS NULL) AS s
-- 1: p
-- 2: sync.links
