INSERT INTO [registrar].[run] (id, run_id, unit, schedule, slot, attempt, status, started_on, started_by) VALUES (@p1, @p2, @p3, NULL, NULL, 1, @p4, CONVERT(datetimeoffset(6), REPLACE(@p5, N'Z', N' +00:00')), @p6)
;SET @registrar_rows = ROWCOUNT_BIG()
