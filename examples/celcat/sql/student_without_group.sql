SELECT i.cod_etu
FROM individu AS i
WHERE i.tem_ech = 'N'
  AND NOT EXISTS (SELECT 1 FROM ind_affecte_gpe AS a WHERE a.cod_etu = i.cod_etu)
  AND NOT EXISTS (SELECT 1 FROM ins_adm_etp AS e WHERE e.cod_etu = i.cod_etu AND e.eta_iae = 'E')
ORDER BY i.cod_etu
