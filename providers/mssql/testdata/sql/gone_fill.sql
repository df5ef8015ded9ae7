INSERT INTO [registrar_staging].[stage_2_g] ([seq], [p0]) SELECT x.seq, t.[id] FROM (SELECT o.seq AS seq, (d0.[k0] COLLATE Latin1_General_100_BIN2) AS [k0] FROM [registrar].[operation] o OUTER APPLY OPENJSON(o.[key]) WITH ([k0] nvarchar(max) 'strict $."code"') d0 WHERE o.plan_id = @p1 AND o.seq > 0 AND o.seq <= 10 AND o.sync = @p2 AND o.operation = 'purge') x JOIN [course] t ON t.[code] = x.k0 AND CONVERT(varbinary(max), CONVERT(nvarchar(max), t.[origin])) = CONVERT(varbinary(max), CONVERT(nvarchar(max), @p3))
-- 1: p
-- 2: sync.courses
-- 3: OURS
