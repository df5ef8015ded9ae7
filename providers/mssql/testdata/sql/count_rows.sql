SELECT count(*) - count(r.archived), count(r.archived) FROM (SELECT CASE WHEN (t.[deleted_on] IS NOT NULL AND t.[deleted_on] <= CONVERT(datetimeoffset(6), REPLACE(@p1, N'Z', N' +00:00'))) THEN 1 END AS archived FROM [room] t WHERE CONVERT(varbinary(max), CONVERT(nvarchar(max), t.[origin])) = CONVERT(varbinary(max), CONVERT(nvarchar(max), @p2))) r
-- 1: 2026-09-01 02:30:00Z
-- 2: it's ours
