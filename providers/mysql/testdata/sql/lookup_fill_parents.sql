INSERT INTO `timetable_registrar_stage`.`stage_2_p` (`ref`, `then`, `live`, `b0`, `b1`) SELECT p.`id`, p.`id`, CASE WHEN p.`id` IS NULL OR ((CASE WHEN ((p.`category` COLLATE utf8mb4_nopad_bin) = ((CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) COLLATE utf8mb4_nopad_bin) AND p.`gone_on` IS NOT NULL) THEN 1 ELSE 0 END = 1)) THEN 0 ELSE 1 END, p.`code`, p.`origin` FROM `course` p
-- 1: ARCHIVE
