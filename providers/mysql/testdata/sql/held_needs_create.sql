CREATE TABLE `timetable_registrar_stage`.`stage_2_n` (`seq` bigint NULL, `needed` bigint NULL) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_nopad_bin STATS_PERSISTENT = 0
