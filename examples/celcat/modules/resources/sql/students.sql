-- Who is on an exchange elsewhere has no timetable here.
SELECT cod_etu, lib_nom_pat_ind, lib_pr1_ind, date_nai_ind, mail
FROM individu
WHERE tem_ech = 'N'
  AND cod_cmp = :component
