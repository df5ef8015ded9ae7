SELECT q.[key] FROM [registrar].[operation] q WHERE q.plan_id = @p1 AND q.seq IN (SELECT x.seq FROM (SELECT o.seq AS seq, ((SELECT j.[value] FROM OPENJSON(o.[key]) j WHERE j.[key] = (N'a"b]c' COLLATE Latin1_General_100_BIN2)) COLLATE Latin1_General_100_BIN2) AS [k0], (d0.[k1] COLLATE Latin1_General_100_BIN2) AS [k1] FROM [registrar].[operation] o OUTER APPLY OPENJSON(o.[key]) WITH ([k1] nvarchar(max) 'strict $."year"') d0 WHERE o.plan_id = @p2 AND o.seq > 10 AND o.seq <= 20 AND o.sync = @p3 AND o.operation = 'insert') x WHERE EXISTS (SELECT 1 FROM [room] t WHERE t.[a"b]]c] = x.k0 AND t.[year] = CONVERT(int, x.k1) AND (1 = 1))) ORDER BY q.seq OFFSET 0 ROWS FETCH NEXT 10 ROWS ONLY
-- 1: p
-- 2: p
-- 3: sync.rooms["hss"]
