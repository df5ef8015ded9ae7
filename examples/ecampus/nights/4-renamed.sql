-- In Apogée and the timetable, before the fourth night: the code AN-10A becomes AN-10B.
UPDATE element_pedagogi SET cod_elp = 'AN-10B', dat_mod_elp = '2026-09-10' WHERE cod_elp = 'AN-10A';
UPDATE elp_chg_typ_heu SET cod_elp = 'AN-10B' WHERE cod_elp = 'AN-10A';
UPDATE collection_elp SET cod_elp = 'AN-10B' WHERE cod_elp = 'AN-10A';
UPDATE ind_contrat_elp SET cod_elp = 'AN-10B' WHERE cod_elp = 'AN-10A';
UPDATE ade_activite SET cod_elp = 'AN-10B' WHERE cod_elp = 'AN-10A';
