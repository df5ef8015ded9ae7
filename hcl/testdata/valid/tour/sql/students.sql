SELECT cod_etu, lib_nom, date_nai -- :nobody
FROM student
WHERE component = :component AND since < date(:today)
