SELECT CONVERT(nvarchar(20), p.[id]), CASE WHEN ((CASE WHEN (CONVERT(varbinary(max), CONVERT(nvarchar(max), p.[category])) = CONVERT(varbinary(max), CONVERT(nvarchar(max), @p1)) AND p.[gone_on] IS NOT NULL) THEN 1 ELSE 0 END = 1)) THEN 1 ELSE 0 END FROM [course] p WHERE p.[code] = @p2 AND p.[origin] = @p3 ORDER BY 2, 1 OFFSET 0 ROWS FETCH NEXT 10 ROWS ONLY
-- 1: ARCHIVE
-- 2: A
-- 3: OURS
