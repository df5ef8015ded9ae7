-- Groups of collections that elements share of which none carries the other.
SELECT g.idgroupe, g.cod_cours, c.cod_elp
FROM groupe_reel g
JOIN groupe r ON r.cod_gpe = g.idgroupe
JOIN collection_elp ce ON ce.cod_col = r.cod_col
JOIN cours c ON c.cod_elp = ce.cod_elp
WHERE c.cod_elp <> g.cod_cours
ORDER BY g.idgroupe, c.cod_elp
