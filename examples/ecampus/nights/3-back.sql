-- In Apogée, before the third night: LPH103 is there again.
INSERT INTO element_pedagogi (cod_elp, lib_elp, cod_etp, cod_pel, dat_mod_elp) VALUES
  ('LPH103', 'Histoire de la philosophie', '1HPH701', 'S2', '2026-09-09');
