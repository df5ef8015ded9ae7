SELECT cod_etu, cod_elp, lib_prg
FROM inscription
WHERE sortant
ORDER BY cod_etu, cod_elp
