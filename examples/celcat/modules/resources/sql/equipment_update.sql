SELECT num_inv, lib_mat
FROM materiel
WHERE etat = 'S'
  AND cod_cmp = :component
