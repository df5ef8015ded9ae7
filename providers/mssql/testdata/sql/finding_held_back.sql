INSERT INTO [registrar].[finding] (plan_id, seq, sync, kind, [key], detail)
SELECT @p1, 10 + row_number() OVER (ORDER BY (CONVERT(nvarchar(max), CONVERT(nvarchar(max), x.[key])) COLLATE Latin1_General_100_BIN2), (CONVERT(nvarchar(max), CONVERT(nvarchar(max), x.operation)) COLLATE Latin1_General_100_BIN2)), @p2, 'held_back', x.[key], CONCAT(CONVERT(nvarchar(max), N''), N'{"operation":', ISNULL(N'"' + (STRING_ESCAPE(x.operation, 'json') COLLATE Latin1_General_100_BIN2) + N'"', N'null'), N'}') FROM [registrar].[operation] x WHERE x.plan_id = @p3 AND x.seq > 10 AND x.seq <= 20 AND x.seq IN (SELECT h.[seq] FROM [registrar_staging].[stage_2_h] h)
-- 1: p
-- 2: sync.links
-- 3: p
