INSERT INTO `timetable_registrar_stage`.`stage_2_h` (`seq`) SELECT o.seq FROM `registrar_operation` o WHERE o.plan_id = ? AND o.seq > 10 AND o.seq <= 20 AND o.operation IN ('archive', 'delete', 'purge')
-- 1: p
