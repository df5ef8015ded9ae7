SELECT m.plan_id, m.seq, m.message FROM [registrar].[finding] m WHERE m.sync IN (@p1) AND m.message IS NOT NULL AND (m.message LIKE @p2)
