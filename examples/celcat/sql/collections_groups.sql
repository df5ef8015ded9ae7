-- Collections and their groups.
SELECT cod_coll AS code, lib_coll AS name
FROM collection
WHERE cod_cmp = :component
UNION ALL
SELECT g.cod_gpe, g.lib_gpe
FROM groupe AS g
JOIN collection AS c ON c.cod_coll = g.cod_coll
WHERE c.cod_cmp = :component
