SELECT cod_por, cod_res
FROM ressource
WHERE porteur = :holder
  AND typ_res = :kind
  AND nature = :nature
  AND cod_cmp = :component
