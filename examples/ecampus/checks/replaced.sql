-- Pedagogical enrolments that were left under a cancelled administrative one while
-- another one of the year is in force.
SELECT i.cod_etu, ip.cod_elp, ip.cod_etp, autre.cod_etp AS cod_etp_actuel
FROM ind_contrat_elp ip
JOIN annee a ON a.cod_anu = ip.cod_anu
JOIN individu i ON i.cod_ind = ip.cod_ind
JOIN ins_adm_etp autre ON autre.cod_anu = ip.cod_anu AND autre.cod_ind = ip.cod_ind
  AND autre.eta_iae = 'E'
WHERE EXISTS (
  SELECT 1 FROM ins_adm_etp ia
  WHERE ia.cod_anu = ip.cod_anu AND ia.cod_ind = ip.cod_ind AND ia.cod_etp = ip.cod_etp AND ia.eta_iae = 'A'
) AND NOT EXISTS (
  SELECT 1 FROM ins_adm_etp ia
  WHERE ia.cod_anu = ip.cod_anu AND ia.cod_ind = ip.cod_ind AND ia.cod_etp = ip.cod_etp AND ia.eta_iae = 'E'
)
ORDER BY i.cod_etu, ip.cod_elp
