SELECT e.[child], e.[parent] FROM [registrar_staging].[stage_2_e] e WHERE e.[child] = @p1 ORDER BY 1, 2 OFFSET 0 ROWS FETCH NEXT 1 ROWS ONLY
-- 1: a
