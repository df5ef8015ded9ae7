SELECT count(*) FROM [room] t WHERE CONVERT(varbinary(max), CONVERT(nvarchar(max), t.[origin])) = CONVERT(varbinary(max), CONVERT(nvarchar(max), @p1)) AND t.[a"b]]c] IS NOT NULL
-- 1: it's ours
