DROP TABLE IF EXISTS `registrar_stage_1_0`
