INSERT INTO [registrar].[run_beat] (id, beats) VALUES (@p1, 1)
;SET @registrar_rows = ROWCOUNT_BIG()
