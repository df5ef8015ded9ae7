INSERT INTO "REGISTRAR_FINDING" (plan_id, seq, sync, kind, "KEY", message)
SELECT :1, 10 + row_number() OVER (ORDER BY CAST(JSON_OBJECT(KEY 'course_id.code' VALUE s."course_id.code", KEY 'course_id.origin' VALUE s."course_id.origin", KEY 'student' VALUE s."STUDENT" NULL ON NULL RETURNING CLOB) AS VARCHAR2(4000)), CAST(s.why AS VARCHAR2(4000))), :2, 'rejected', JSON_OBJECT(KEY 'course_id.code' VALUE s."course_id.code", KEY 'course_id.origin' VALUE s."course_id.origin", KEY 'student' VALUE s."STUDENT" NULL ON NULL RETURNING CLOB), s.why FROM (SELECT DISTINCT s."course_id.code", s."course_id.origin", s."STUDENT", s."registrar skip" AS why FROM "REGISTRAR_STAGE_STAGE_2_1" s WHERE s."registrar skip" IS NOT NULL) s
-- 1: p
-- 2: sync.links
