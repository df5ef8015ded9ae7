-- Sessions on a pseudo-group whose course has got groups since.
SELECT s.cod_cours, s.idgroupe, count(DISTINCT s.id) AS nombre
FROM seance s
WHERE s.idgroupe LIKE 'ELP\_%' ESCAPE '\'
  AND EXISTS (SELECT 1 FROM groupe_reel g WHERE g.cod_cours = s.cod_cours)
GROUP BY s.cod_cours, s.idgroupe
ORDER BY s.idgroupe
