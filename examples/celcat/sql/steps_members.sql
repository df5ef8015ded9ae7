-- Enrolments; who has resigned is in no group.
SELECT i.cod_etp || '-' || i.cod_vrs_vet AS code, i.cod_etu AS student
FROM ins_adm_etp AS i
JOIN etape AS e ON e.cod_etp = i.cod_etp
WHERE e.cod_cmp = :component
  AND i.eta_iae = 'E'
