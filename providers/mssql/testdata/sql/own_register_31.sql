DELETE FROM [registrar].[run] WHERE ended_on IS NULL AND slot IS NULL AND started_on < CONVERT(datetimeoffset(6), REPLACE(@p1, N'Z', N' +00:00'))
;SET @registrar_rows = ROWCOUNT_BIG()
