DELETE FROM [registrar].[run_beat] WHERE id NOT IN (SELECT r.id FROM [registrar].[run] r WHERE r.ended_on IS NULL)
;SET @registrar_rows = ROWCOUNT_BIG()
