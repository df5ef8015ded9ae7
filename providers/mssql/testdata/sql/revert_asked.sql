SELECT count(*) FROM (SELECT o.seq AS seq, o.[key] AS [held_key], ((SELECT j.[value] FROM OPENJSON(o.[key]) j WHERE j.[key] = (N'a"b]c' COLLATE Latin1_General_100_BIN2)) COLLATE Latin1_General_100_BIN2) AS [k0], (d0.[k1] COLLATE Latin1_General_100_BIN2) AS [k1], o.[before] AS [held_before], o.[after] AS [held_after] FROM [registrar].[operation] o OUTER APPLY OPENJSON(o.[key]) WITH ([k1] nvarchar(max) 'lax $."year"') d0 WHERE o.plan_id = @p1 AND o.seq > 10 AND o.seq <= 20 AND o.sync = @p2 AND o.operation = 'archive' AND o.result IS NULL) x WHERE ((x.k0 = @p3 AND x.k1 = @p4 OR x.k0 = @p5 AND x.k1 = @p6))
-- 1: p
-- 2: sync.rooms["hss"]
-- 3: A
-- 4: 1
-- 5: A
-- 6: 1
