UPDATE [registrar].[pause] SET id = @p1, resumed_on = CONVERT(datetimeoffset(6), REPLACE(@p2, N'Z', N' +00:00')), resumed_by = @p3 WHERE id = @p4
;SET @registrar_rows = ROWCOUNT_BIG()
