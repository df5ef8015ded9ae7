DELETE s FROM `timetable_registrar_stage`.`stage_1_0` AS s WHERE s.`registrar skip` IS NULL AND EXISTS (SELECT 1 FROM `room` t WHERE t.`a"b]c` = s.`a"b]c` AND t.`year` = s.`year` AND (1 = 1) AND ((CASE WHEN (t.`origin` COLLATE utf8mb4_nopad_bin) <=> ((CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) COLLATE utf8mb4_nopad_bin) THEN 1 ELSE 0 END = 0)))
-- 1: it's ours
