INSERT INTO "registrar"."finding" (plan_id, seq, sync, kind, "key", message)
SELECT $1::text, 10 + row_number() OVER (ORDER BY (CAST(json_object(ARRAY['course_id.code', 'course_id.origin', 'student']::text[], ARRAY[CAST(s."course_id.code" AS text), CAST(s."course_id.origin" AS text), CAST(s."student" AS text)]::text[]) AS text)) COLLATE "C", (CAST(s.why AS text)) COLLATE "C"), $2::text, 'rejected', json_object(ARRAY['course_id.code', 'course_id.origin', 'student']::text[], ARRAY[CAST(s."course_id.code" AS text), CAST(s."course_id.origin" AS text), CAST(s."student" AS text)]::text[]), s.why FROM (SELECT DISTINCT s."course_id.code", s."course_id.origin", s."student", s."registrar skip" AS why FROM "registrar"."stage_2_1" s WHERE s."registrar skip" IS NOT NULL) s
-- 1: p
-- 2: sync.links
