SELECT a.cod_gpe AS code, a.cod_etu AS student
FROM ind_affecte_gpe AS a
JOIN groupe AS g ON g.cod_gpe = a.cod_gpe
JOIN collection AS c ON c.cod_coll = g.cod_coll
WHERE c.cod_cmp = :component
