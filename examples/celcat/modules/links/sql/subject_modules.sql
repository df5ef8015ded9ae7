SELECT r.cod_elp_pere, r.cod_elp_fils
FROM elp_regroupe_elp AS r
JOIN element_pedagogi AS e ON e.cod_elp = r.cod_elp_fils
WHERE e.tem_sus_elp = 'N'
  AND e.cod_cmp = :component
