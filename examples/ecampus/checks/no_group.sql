-- Enrolled down to the element, not down to a group: no enrolment on the platform.
SELECT i.cod_etu, i.cod_elp, i.dat_mod,
  CASE
    WHEN NOT EXISTS (SELECT 1 FROM groupe_reel g WHERE g.cod_cours = i.cod_cours)
      THEN 'it has neither groups nor teaching load'
    WHEN i.cod_elp <> i.cod_cours AND EXISTS (
      SELECT 1
      FROM ind_affecte_gpe ag
      JOIN groupe g ON g.cod_gpe = ag.cod_gpe
      JOIN collection_elp ce ON ce.cod_col = g.cod_col
      WHERE ag.cod_anu = i.cod_anu AND ag.cod_ind = i.cod_ind AND ce.cod_elp = i.cod_elp
    ) THEN 'the collection of their group is not shared with ' || i.cod_cours || ', which carries it'
    ELSE 'they are in none of its groups'
  END AS raison
FROM inscription i
WHERE NOT i.sortant AND NOT EXISTS (
  SELECT 1 FROM affectation a
  WHERE a.cod_anu = i.cod_anu AND a.cod_etu = i.cod_etu AND a.cod_elp = i.cod_elp
)
ORDER BY i.cod_etu, i.cod_elp
