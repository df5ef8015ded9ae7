INSERT INTO [registrar_staging].[stage_2_b] ([seq], [v0], [v1]) SELECT x.seq, CONVERT(int, x.k0), x.k3 FROM (SELECT o.seq AS seq, (d0.[k0] COLLATE Latin1_General_100_BIN2) AS [k0], (d0.[k3] COLLATE Latin1_General_100_BIN2) AS [k3] FROM [registrar].[operation] o OUTER APPLY OPENJSON(o.[key]) WITH ([k0] nvarchar(max) 'strict $."course_id"', [k3] nvarchar(max) 'strict $."student"') d0 WHERE o.plan_id = @p1 AND o.seq > 10 AND o.seq <= 20 AND o.sync = @p2 AND o.operation = 'adopt') x WHERE 1 = 1
-- 1: p
-- 2: sync.links
