SELECT idgroupe, lib_gpe, cod_cours
FROM groupe_reel
UNION ALL
SELECT idgroupe, lib_gpe, cod_cours
FROM pseudo_groupe
