SELECT q.[key] FROM [registrar].[operation] q WHERE q.plan_id = @p1 AND q.seq IN (SELECT x.seq FROM (SELECT o.seq AS seq, (d0.[k0] COLLATE Latin1_General_100_BIN2) AS [k0] FROM [registrar].[operation] o OUTER APPLY OPENJSON(o.[key]) WITH ([k0] nvarchar(max) 'strict $."code"') d0 WHERE o.plan_id = @p2 AND o.seq > 0 AND o.seq <= 10 AND o.sync = @p3 AND o.operation = 'delete') x JOIN [course] t ON t.[code] = x.k0 AND CONVERT(varbinary(max), CONVERT(nvarchar(max), t.[origin])) = CONVERT(varbinary(max), CONVERT(nvarchar(max), @p4)) JOIN [link] f ON t.[id] = f.[course_id] WHERE 1 = 1 AND 1 = 1 AND (CASE WHEN (CONVERT(varbinary(max), CONVERT(nvarchar(max), f.[origin])) = CONVERT(varbinary(max), CONVERT(nvarchar(max), @p5)) AND EXISTS (SELECT 1 FROM [course] o WHERE o.[id] = f.[course_id] AND CONVERT(varbinary(max), CONVERT(nvarchar(max), o.[origin])) = CONVERT(varbinary(max), CONVERT(nvarchar(max), @p6))) AND EXISTS (SELECT 1 FROM (SELECT o.seq AS seq, (d0.[k0] COLLATE Latin1_General_100_BIN2) AS [k0], (d0.[k3] COLLATE Latin1_General_100_BIN2) AS [k3] FROM [registrar].[operation] o OUTER APPLY OPENJSON(o.[key]) WITH ([k0] nvarchar(max) 'strict $."course_id"', [k3] nvarchar(max) 'strict $."student"') d0 WHERE o.plan_id = @p7 AND o.seq > 10 AND o.seq <= 20 AND o.sync = @p8 AND o.operation = 'delete') x WHERE 1 = 1 AND CONVERT(int, x.k0) = f.[course_id] AND x.k3 = f.[student])) THEN 1 ELSE 0 END = 0)) ORDER BY q.seq OFFSET 0 ROWS FETCH NEXT 10 ROWS ONLY
-- 1: p
-- 2: p
-- 3: sync.courses
-- 4: OURS
-- 5: OURS
-- 6: OURS
-- 7: p
-- 8: sync.links
