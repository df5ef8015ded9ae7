SELECT m.id, 0, m.message FROM [registrar].[run] m WHERE m.message IS NOT NULL AND (m.message LIKE @p1)
