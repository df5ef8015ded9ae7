DELETE FROM [registrar].[disclosure] WHERE shown_on < CONVERT(datetimeoffset(6), REPLACE(@p1, N'Z', N' +00:00')) AND plan_id NOT IN (SELECT p.id FROM [registrar].[plan] p)
;SET @registrar_rows = ROWCOUNT_BIG()
