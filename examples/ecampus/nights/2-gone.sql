-- In Apogée, before the second night: LPH103 is deleted by accident; M.1.MS03 is
-- suspended; a group comes for RCAED334, which only had the pseudo-group; the student
-- who was in no group is put into one; a missing address is given.
DELETE FROM element_pedagogi WHERE cod_elp = 'LPH103';

UPDATE element_pedagogi SET tem_sus_elp = 'O', dat_mod_elp = '2026-09-08' WHERE cod_elp = 'M.1.MS03';

INSERT INTO collection (cod_col, lib_col) VALUES ('RCAED334CM', 'CM de recherche documentaire');
INSERT INTO collection_elp (cod_col, cod_elp) VALUES ('RCAED334CM', 'RCAED334');
INSERT INTO groupe (cod_gpe, lib_gpe, cod_col) VALUES ('RCAED334CM1', 'CM 1', 'RCAED334CM');
INSERT INTO ind_affecte_gpe (cod_anu, cod_ind, cod_gpe) VALUES
  ('2026', 10003, 'AN-10ATD2'),
  ('2026', 10014, 'RCAED334CM1');

UPDATE compte SET mail = 'samir.rahmani@univ-exemple.fr' WHERE uid = 'rahmani';
