-- A suspended element suspends its enrolments.
SELECT DISTINCT k.uid, s.cod_cours, c.tem_sus_elp
FROM situation s
JOIN cours c ON c.cod_elp = s.cod_cours
JOIN compte k ON k.cod_etu = s.cod_etu
WHERE NOT s.non_inscrit
