SELECT CASE typeof(s."course_id.code") WHEN 'blob' THEN '\x' || lower(hex(s."course_id.code")) ELSE s."course_id.code" END, CASE typeof(s."course_id.origin") WHEN 'blob' THEN '\x' || lower(hex(s."course_id.origin")) ELSE s."course_id.origin" END, CASE typeof(s."student") WHEN 'blob' THEN '\x' || lower(hex(s."student")) ELSE s."student" END FROM "temp"."stage_2_l" s WHERE s."course_id.code" = ?1 AND s."course_id.origin" = ?2 AND s."student" = ?3 ORDER BY 1 LIMIT 10
-- 1: A
-- 2: OURS
-- 3: S
