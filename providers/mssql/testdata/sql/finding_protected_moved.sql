INSERT INTO [registrar].[finding] (plan_id, seq, sync, kind, [key], detail)
SELECT @p1, 10 + row_number() OVER (ORDER BY (CONVERT(nvarchar(max), CONVERT(nvarchar(max), d.doc_key)) COLLATE Latin1_General_100_BIN2), (CONVERT(nvarchar(max), CONVERT(nvarchar(max), d.operation)) COLLATE Latin1_General_100_BIN2)), @p2, 'protected', d.doc_key, CONCAT(CONVERT(nvarchar(max), N''), N'{"operation":', ISNULL(N'"' + (STRING_ESCAPE(d.operation, 'json') COLLATE Latin1_General_100_BIN2) + N'"', N'null'), N'}')
FROM (SELECT m.operation AS operation, CASE m.operation WHEN 'insert' THEN CONCAT(CONVERT(nvarchar(max), N''), N'{"code":', ISNULL(N'"' + (STRING_ESCAPE((CONVERT(nvarchar(max), m.s0) COLLATE Latin1_General_100_BIN2), 'json') COLLATE Latin1_General_100_BIN2) + N'"', N'null'), N'}') ELSE CONCAT(CONVERT(nvarchar(max), N''), N'{"code":', ISNULL(N'"' + (STRING_ESCAPE((CONVERT(nvarchar(max), m.t1) COLLATE Latin1_General_100_BIN2), 'json') COLLATE Latin1_General_100_BIN2) + N'"', N'null'), N'}') END AS doc_key FROM (SELECT * FROM (SELECT CASE WHEN (CASE WHEN (CONVERT(varbinary(max), CONVERT(nvarchar(max), t.[category])) = CONVERT(varbinary(max), CONVERT(nvarchar(max), @p3)) AND t.[gone_on] IS NOT NULL) THEN 1 ELSE 0 END = 1) THEN 'undelete' ELSE 'rename' END AS operation, s.[code] AS s0, s.[category] AS s1, t.[id] AS t0, t.[code] AS t1, t.[up] AS t2, t.[category] AS t3, t.[origin] AS t4, t.[gone_on] AS t5 FROM (SELECT 0 AS n, @p4 AS f0, @p5 AS g0 UNION ALL SELECT 1 AS n, @p6 AS f0, @p7 AS g0) v JOIN [registrar_staging].[stage_2_0] s ON s.[code] = v.g0 JOIN (SELECT r.[id], r.[code], r.[up], r.[category], r.[origin], r.[gone_on] FROM [course] r WHERE CONVERT(varbinary(max), CONVERT(nvarchar(max), r.[origin])) = CONVERT(varbinary(max), CONVERT(nvarchar(max), @p8))) t ON t.[code] = v.f0 WHERE s.[registrar skip] IS NULL) w WHERE (w.operation <> 'insert' AND (CASE WHEN CONVERT(varbinary(max), CONVERT(nvarchar(max), w.t1)) IN (CONVERT(varbinary(max), CONVERT(nvarchar(max), @p9)), CONVERT(varbinary(max), CONVERT(nvarchar(max), @p10))) THEN 1 ELSE 0 END = 1))) m) d
-- 1: p
-- 2: sync.courses
-- 3: ARCHIVE
-- 4: A
-- 5: B
-- 6: C
-- 7: D
-- 8: OURS
-- 9: A
-- 10: B"b
