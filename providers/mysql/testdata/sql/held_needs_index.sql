CREATE INDEX `ref` ON `registrar_stage_2_n` (`needed`)
