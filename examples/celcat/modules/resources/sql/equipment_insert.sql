SELECT num_inv, lib_mat
FROM materiel
WHERE etat = 'S'
  AND dat_ent >= :since
  AND cod_cmp = :component
