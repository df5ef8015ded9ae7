SELECT 'CMP_' || cod_cmp AS code, lib_cmp AS libelle, NULL AS parent
FROM composante
UNION ALL
SELECT DISTINCT 'CMP_' || cod_cmp || '_' || cod_niv, cod_niv, 'CMP_' || cod_cmp
FROM etape
UNION ALL
SELECT cod_etp, '(' || cod_etp || ') ' || lib_etp, 'CMP_' || cod_cmp || '_' || cod_niv
FROM etape
