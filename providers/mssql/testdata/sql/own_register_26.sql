UPDATE [registrar].[run_beat] SET beats = beats + 1 WHERE id = @p1
;SET @registrar_rows = ROWCOUNT_BIG()
