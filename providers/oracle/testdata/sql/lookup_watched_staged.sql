SELECT s."course_id.code", s."course_id.origin", s."STUDENT" FROM "REGISTRAR_STAGE_STAGE_2_L" s WHERE s."course_id.code" = :1 AND s."course_id.origin" = :2 AND s."STUDENT" = :3 ORDER BY 1 FETCH FIRST 10 ROWS ONLY
-- 1: A
-- 2: OURS
-- 3: S
