INSERT INTO [registrar].[disclosure] (id, plan_id, shown_on, shown_by, database_user) VALUES (@p1, @p2, CONVERT(datetimeoffset(6), REPLACE(@p3, N'Z', N' +00:00')), @p4, ORIGINAL_LOGIN())
;SET @registrar_rows = ROWCOUNT_BIG()
