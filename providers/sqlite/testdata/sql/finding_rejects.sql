INSERT INTO "registrar_finding" (plan_id, seq, sync, kind, "key", message)
SELECT ?1, 10 + row_number() OVER (), ?2, 'rejected', json_object('course_id.code', CASE typeof(s."course_id.code") WHEN 'blob' THEN '\x' || lower(hex(s."course_id.code")) ELSE s."course_id.code" END, 'course_id.origin', CASE typeof(s."course_id.origin") WHEN 'blob' THEN '\x' || lower(hex(s."course_id.origin")) ELSE s."course_id.origin" END, 'student', CASE typeof(s."student") WHEN 'blob' THEN '\x' || lower(hex(s."student")) ELSE s."student" END), s.why FROM (SELECT DISTINCT s."course_id.code", s."course_id.origin", s."student", s."registrar skip" AS why FROM "temp"."stage_2_1" AS s WHERE s."registrar skip" IS NOT NULL) AS s
-- 1: p
-- 2: sync.links
