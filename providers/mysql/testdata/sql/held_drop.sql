DELETE x FROM `registrar_operation` AS x WHERE x.plan_id = ? AND x.seq > 10 AND x.seq <= 20 AND x.seq IN (SELECT h.`seq` FROM `timetable_registrar_stage`.`stage_2_h` h)
-- 1: p
