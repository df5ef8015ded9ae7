CREATE INDEX `ref` ON `timetable_registrar_stage`.`stage_2_n` (`needed`)
