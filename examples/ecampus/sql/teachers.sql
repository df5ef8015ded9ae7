SELECT DISTINCT k.uid, s.cod_cours, c.tem_sus_elp
FROM seance s
JOIN cours c ON c.cod_elp = s.cod_cours
JOIN compte k ON k.num_per = s.num_per
