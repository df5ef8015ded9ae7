CREATE TABLE `registrar_stage_2_b` (`seq` bigint NULL, `v0` bigint NULL, `v1` varchar(50) NULL) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_nopad_bin STATS_PERSISTENT = 0
