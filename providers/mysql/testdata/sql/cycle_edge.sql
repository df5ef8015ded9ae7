SELECT e.`child`, e.`parent` FROM `timetable_registrar_stage`.`stage_2_e` e WHERE e.`child` = ? ORDER BY 1, 2 LIMIT 1
-- 1: a
