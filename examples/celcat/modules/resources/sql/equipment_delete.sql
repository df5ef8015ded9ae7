SELECT num_inv
FROM materiel
WHERE etat = 'R'
  AND cod_cmp = :component
