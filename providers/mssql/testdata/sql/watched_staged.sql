SELECT (CONVERT(nvarchar(max), s.[a"b]]c]) COLLATE Latin1_General_100_BIN2), CONVERT(nvarchar(20), s.[year]) FROM [registrar_staging].[stage_1_0] s WHERE s.[a"b]]c] = @p1 AND s.[year] = CONVERT(int, @p2) ORDER BY 1 OFFSET 0 ROWS FETCH NEXT 10 ROWS ONLY
-- 1: A
-- 2: 1
