INSERT INTO [registrar].[meta] (version, [identity], created_on) VALUES (7, @p1, CONVERT(datetimeoffset(6), REPLACE(@p2, N'Z', N' +00:00')))
;SET @registrar_rows = ROWCOUNT_BIG()
