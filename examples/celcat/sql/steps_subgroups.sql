-- A version is a sub-group of its step.
SELECT v.cod_etp AS code, v.cod_etp || '-' || v.cod_vrs_vet AS sub_code
FROM version_etape AS v
JOIN etape AS e ON e.cod_etp = v.cod_etp
WHERE e.cod_cmp = :component
