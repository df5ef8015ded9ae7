-- One row per student of a component who is enrolled this year.
SELECT i.cod_etu, i.lib_nom_pat_ind, i.lib_pr1_ind, i.date_nai_ind, i.mail, a.mnt_droits, a.cod_gpe
FROM apogee.individu AS i
JOIN apogee.ins_adm AS a ON a.cod_etu = i.cod_etu
WHERE a.cod_cmp = :component
  AND a.eta_iae = 'E'
