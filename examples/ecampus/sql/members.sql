SELECT DISTINCT k.uid, s.idgroupe
FROM situation s
JOIN compte k ON k.cod_etu = s.cod_etu
WHERE NOT s.non_inscrit AND NOT s.sans_groupe
