UPDATE t SET [x] = 1 FROM [t] t WHERE 1 = 1
;SET @registrar_rows = ROWCOUNT_BIG()
