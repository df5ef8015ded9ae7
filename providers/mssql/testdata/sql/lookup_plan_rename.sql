UPDATE v SET [b0] = y.w0 FROM [registrar_staging].[stage_2_p] v CROSS JOIN (SELECT p.[id] AS ref, x.a0 AS w0 FROM (SELECT o.seq AS seq, (d0.[k0] COLLATE Latin1_General_100_BIN2) AS [k0], (ISNULL(d2.[a0], d2.[a0o]) COLLATE Latin1_General_100_BIN2) AS [a0] FROM [registrar].[operation] o OUTER APPLY OPENJSON(o.[key]) WITH ([k0] nvarchar(max) 'strict $."code"') d0 OUTER APPLY OPENJSON(o.[after]) WITH ([a0] nvarchar(max) 'lax $."code"', [a0o] nvarchar(max) 'lax $."code"' AS JSON) d2 WHERE o.plan_id = @p1 AND o.seq > 10 AND o.seq <= 20 AND o.sync = @p2 AND o.operation = 'rename') x JOIN [course] p ON p.[code] = x.k0 AND CONVERT(varbinary(max), CONVERT(nvarchar(max), p.[origin])) = CONVERT(varbinary(max), CONVERT(nvarchar(max), @p3))) y WHERE v.[ref] = y.ref
-- 1: p
-- 2: sync.courses
-- 3: OURS
