SELECT count(*) FROM [link] f WHERE EXISTS (SELECT 1 FROM [course] t WHERE t.[id] = f.[course_id] AND CONVERT(varbinary(max), CONVERT(nvarchar(max), t.[origin])) = CONVERT(varbinary(max), CONVERT(nvarchar(max), @p1))) AND (EXISTS (SELECT CONVERT(varbinary(max), CONVERT(nvarchar(max), f.[origin])), DATALENGTH(CONVERT(varbinary(max), CONVERT(nvarchar(max), f.[origin]))) EXCEPT SELECT CONVERT(varbinary(max), CONVERT(nvarchar(max), @p2)), DATALENGTH(CONVERT(varbinary(max), CONVERT(nvarchar(max), @p3)))) OR NOT EXISTS (SELECT 1 FROM [course] o WHERE o.[id] = f.[course_id] AND CONVERT(varbinary(max), CONVERT(nvarchar(max), o.[origin])) = CONVERT(varbinary(max), CONVERT(nvarchar(max), @p4))))
-- 1: OURS
-- 2: OURS
-- 3: OURS
-- 4: OURS
