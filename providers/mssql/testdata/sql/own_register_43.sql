INSERT INTO [registrar].[pause] (id, sync, paused_on, paused_by, reason) VALUES (@p1, @p2, CONVERT(datetimeoffset(6), REPLACE(@p3, N'Z', N' +00:00')), @p4, @p5)
;SET @registrar_rows = ROWCOUNT_BIG()
