SELECT cod_etu, num_dir
FROM individu
WHERE num_dir IS NOT NULL
  AND tem_ech = 'N'
  AND cod_cmp = :component
