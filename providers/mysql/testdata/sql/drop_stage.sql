DROP TABLE IF EXISTS `timetable_registrar_stage`.`stage_1_0`
