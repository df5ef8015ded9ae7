SELECT (s.`a"b]c` COLLATE utf8mb4_nopad_bin), CAST(s.`year` AS char) FROM `timetable_registrar_stage`.`stage_1_0` s WHERE s.`a"b]c` = (CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) AND s.`year` = CAST(? AS signed) ORDER BY 1 LIMIT 10
-- 1: A
-- 2: 1
