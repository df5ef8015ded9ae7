SELECT cod_elp, lib_elp, cod_dep
FROM element_pedagogi
WHERE cod_nel = 'MAT'
  AND tem_sus_elp = 'N'
  AND cod_cmp = :component
