SELECT cod_elp, lib_elp
FROM element_pedagogi
WHERE cod_nel = 'UE'
  AND tem_sus_elp = 'N'
  AND cod_cmp = :component
