INSERT INTO [registrar].[approval] (id, digest, plan_id, approved_on, expires_on, approved_by, [comment], [key], signature, database_user) VALUES (@p1, @p2, @p3, CONVERT(datetimeoffset(6), REPLACE(@p4, N'Z', N' +00:00')), CONVERT(datetimeoffset(6), REPLACE(@p5, N'Z', N' +00:00')), @p6, @p7, @p8, @p9, ORIGINAL_LOGIN())
;SET @registrar_rows = ROWCOUNT_BIG()
