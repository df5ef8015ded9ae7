DELETE FROM [registrar].[pause] WHERE resumed_on < CONVERT(datetimeoffset(6), REPLACE(@p1, N'Z', N' +00:00'))
;SET @registrar_rows = ROWCOUNT_BIG()
