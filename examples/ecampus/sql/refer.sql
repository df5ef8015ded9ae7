-- What REFER makes of Apogée, as the beginning of every query: queries.hcl puts each of
-- the other files behind it.
WITH

-- The years in force on the given day, today unless one is given. Two years are while
-- they overlap.
annee AS (
  SELECT cod_anu
  FROM annee_uni
  WHERE coalesce(:today, date('now', 'localtime')) BETWEEN dat_deb AND dat_fin
),

-- An element that is carried has no course of its own: it stands in its carrier's.
element AS (
  SELECT e.cod_elp, p.cod_elp AS cod_cours, e.cod_pel, p.tem_ead_elp, e.dat_mod_elp
  FROM element_pedagogi e
  JOIN element_pedagogi p ON p.cod_elp = coalesce(e.cod_elp_porteur, e.cod_elp)
  WHERE p.eta_elp = 'O'
),

cours AS (
  SELECT e.cod_elp, e.lib_elp, e.cod_etp, e.tem_sus_elp
  FROM element_pedagogi e
  WHERE e.eta_elp = 'O' AND e.cod_elp_porteur IS NULL
),

-- A group belongs to one course. Where unrelated elements share its collection, that is
-- the first one; the check shared_group tells of the others.
groupe_reel AS (
  SELECT g.cod_gpe AS idgroupe, g.lib_gpe, min(c.cod_elp) AS cod_cours
  FROM groupe g
  JOIN collection_elp ce ON ce.cod_col = g.cod_col
  JOIN cours c ON c.cod_elp = ce.cod_elp
  GROUP BY g.cod_gpe, g.lib_gpe
),

-- A course without groups but with teaching load has pseudo-groups, one for each type
-- of hours.
pseudo_groupe AS (
  SELECT DISTINCT 'ELP_' || c.cod_elp || '_' || h.cod_typ_heu AS idgroupe,
    h.cod_typ_heu AS lib_gpe, c.cod_elp AS cod_cours
  FROM cours c
  JOIN elp_chg_typ_heu h ON h.cod_elp = c.cod_elp AND h.nb_heu_elp > 0
  JOIN annee a ON a.cod_anu = h.cod_anu
  WHERE NOT EXISTS (
    SELECT 1
    FROM collection_elp ce
    JOIN groupe g ON g.cod_col = ce.cod_col
    WHERE ce.cod_elp = c.cod_elp
  )
),

-- Pedagogical enrolments under an administrative enrolment that is in force. Whether
-- another one was cancelled before it does not matter.
inscription AS (
  SELECT ip.cod_anu, i.cod_ind, i.cod_etu, e.cod_elp, e.cod_cours, ip.dat_mod,
    ia.tem_tel_iae = 'O' AS ia_foad,
    e.tem_ead_elp = 'O' AS elp_foad,
    p.lib_prg,
    coalesce(p.sens = 'E' AND p.periode IN ('AN', e.cod_pel), FALSE) AS sortant
  FROM ind_contrat_elp ip
  JOIN annee a ON a.cod_anu = ip.cod_anu
  JOIN individu i ON i.cod_ind = ip.cod_ind
  JOIN element e ON e.cod_elp = ip.cod_elp
  JOIN ins_adm_etp ia ON ia.cod_anu = ip.cod_anu AND ia.cod_ind = ip.cod_ind AND ia.cod_etp = ip.cod_etp
    AND ia.eta_iae = 'E'
  LEFT JOIN programme_echange p ON p.cod_prg = ia.cod_prg
),

-- Students in groups. Outgoing exchange students are elsewhere. A student of a carried
-- element needs a group of a collection that the carrier has too.
affectation AS (
  SELECT i.*, g.cod_gpe AS idgroupe, upper(g.lib_gpe) LIKE '%CEMU%' AS groupe_foad
  FROM inscription i
  JOIN ind_affecte_gpe ag ON ag.cod_anu = i.cod_anu AND ag.cod_ind = i.cod_ind
  JOIN groupe g ON g.cod_gpe = ag.cod_gpe
  JOIN collection_elp sien ON sien.cod_col = g.cod_col AND sien.cod_elp = i.cod_elp
  JOIN collection_elp porteur ON porteur.cod_col = g.cod_col AND porteur.cod_elp = i.cod_cours
  WHERE NOT i.sortant
  UNION ALL
  SELECT i.*, g.idgroupe, FALSE
  FROM inscription i
  JOIN pseudo_groupe g ON g.cod_cours = i.cod_cours
  WHERE NOT i.sortant
),

-- The truth table of remote status: group, element and administrative enrolment, what
-- the synchronisation says of them, and what follows.
situation AS (
  SELECT a.*,
    CASE
      WHEN ia_foad AND NOT elp_foad AND groupe_foad THEN 'e'
      WHEN ia_foad AND NOT elp_foad THEN 'a'
      WHEN ia_foad AND NOT groupe_foad THEN 'c'
      WHEN NOT ia_foad AND groupe_foad AND NOT elp_foad THEN 'd'
      WHEN NOT ia_foad AND groupe_foad THEN 'f'
      WHEN NOT ia_foad AND elp_foad THEN 'b'
      ELSE 'normal'
    END AS situation,
    ia_foad AND NOT elp_foad AS erreur,
    ia_foad AND NOT groupe_foad AS w9,
    ia_foad AND NOT elp_foad AS non_inscrit,
    ia_foad AND NOT elp_foad OR ia_foad <> groupe_foad AS sans_groupe
  FROM affectation a
),

-- What is scheduled, with its teachers, on elements that come from Apogée and are
-- current. On which group does not matter: a session on a pseudo-group counts too when
-- the course has got groups since.
seance AS (
  SELECT s.id, s.idgroupe, s.debut, se.num_per, e.cod_cours
  FROM ade_seance s
  JOIN ade_seance_enseignant se ON se.id_seance = s.id
  JOIN ade_activite v ON v.id = s.id_activite
  JOIN annee a ON a.cod_anu = v.cod_anu
  JOIN element e ON e.cod_elp = v.cod_elp
)
