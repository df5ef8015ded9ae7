-- Steps of degrees and their versions: L1MI, L1MI-261.
SELECT cod_etp AS code, lib_etp AS name
FROM etape
WHERE cod_cmp = :component
UNION ALL
SELECT v.cod_etp || '-' || v.cod_vrs_vet, v.lib_web_vet
FROM version_etape AS v
JOIN etape AS e ON e.cod_etp = v.cod_etp
WHERE e.cod_cmp = :component
