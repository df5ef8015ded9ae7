-- A group is a sub-group of its collection.
SELECT g.cod_coll AS code, g.cod_gpe AS sub_code
FROM groupe AS g
JOIN collection AS c ON c.cod_coll = g.cod_coll
WHERE c.cod_cmp = :component
