INSERT INTO [registrar].[redaction] (id, redacted_on, redacted_by, reason, operations, findings, database_user) VALUES (@p1, CONVERT(datetimeoffset(6), REPLACE(@p2, N'Z', N' +00:00')), @p3, @p4, 0, 0, ORIGINAL_LOGIN())
;SET @registrar_rows = ROWCOUNT_BIG()
