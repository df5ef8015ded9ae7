SELECT (s.`course_id.code` COLLATE utf8mb4_nopad_bin), (s.`course_id.origin` COLLATE utf8mb4_nopad_bin), (s.`student` COLLATE utf8mb4_nopad_bin) FROM `timetable_registrar_stage`.`stage_2_l` s WHERE s.`course_id.code` = (CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) AND s.`course_id.origin` = (CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) AND s.`student` = (CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) ORDER BY 1 LIMIT 10
-- 1: A
-- 2: OURS
-- 3: S
