-- One query for three checks: what the synchronisation reports as an error, as the
-- warning w9, and what it leaves unsaid though the student misses the group.
SELECT cod_etu, cod_elp, idgroupe, situation,
  CASE WHEN non_inscrit THEN 'not enrolled, not in the group' ELSE 'not in the group' END AS consequence
FROM situation
WHERE CASE :report
  WHEN 'error' THEN erreur
  WHEN 'w9' THEN w9
  ELSE sans_groupe AND NOT erreur AND NOT w9
END
ORDER BY cod_etu, cod_elp, idgroupe
