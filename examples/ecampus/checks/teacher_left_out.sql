-- Teachers of activities who are enrolled in no course for them.
SELECT k.uid, v.libelle,
  CASE
    WHEN v.cod_elp IS NULL THEN 'the activity exists in the timetable only'
    WHEN e.cod_elp IS NULL THEN v.cod_elp || ' is not a current element'
    ELSE 'nothing is scheduled with them, only associated'
  END AS raison
FROM ade_activite_enseignant ae
JOIN ade_activite v ON v.id = ae.id_activite
JOIN annee a ON a.cod_anu = v.cod_anu
JOIN compte k ON k.num_per = ae.num_per
LEFT JOIN element e ON e.cod_elp = v.cod_elp
WHERE NOT EXISTS (
  SELECT 1 FROM seance s
  WHERE s.num_per = ae.num_per AND s.cod_cours = e.cod_cours
)
ORDER BY k.uid, v.libelle
