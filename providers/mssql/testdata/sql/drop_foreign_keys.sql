DELETE s FROM [registrar_staging].[stage_1_0] s WHERE s.[registrar skip] IS NULL AND EXISTS (SELECT 1 FROM [room] t WHERE t.[a"b]]c] = s.[a"b]]c] AND t.[year] = s.[year] AND (1 = 1) AND (EXISTS (SELECT CONVERT(varbinary(max), CONVERT(nvarchar(max), t.[origin])), DATALENGTH(CONVERT(varbinary(max), CONVERT(nvarchar(max), t.[origin]))) EXCEPT SELECT CONVERT(varbinary(max), CONVERT(nvarchar(max), @p1)), DATALENGTH(CONVERT(varbinary(max), CONVERT(nvarchar(max), @p2))))))
-- 1: it's ours
-- 2: it's ours
