SELECT cod_elp, lib_elp, cod_etp
FROM cours
