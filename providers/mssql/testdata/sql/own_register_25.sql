UPDATE [registrar].[run] SET status = @p1, ended_on = CONVERT(datetimeoffset(6), REPLACE(@p2, N'Z', N' +00:00')), plan_id = @p3, message = @p4 WHERE id = @p5 AND attempt = 1 AND status = @p6
;SET @registrar_rows = ROWCOUNT_BIG()
