DELETE FROM [registrar].[approval] WHERE expires_on < CONVERT(datetimeoffset(6), REPLACE(@p1, N'Z', N' +00:00')) AND id NOT IN (SELECT k.id FROM (SELECT a.id FROM [registrar].[approval] a JOIN [registrar].[execution] e ON e.executed_on >= a.approved_on AND e.executed_on < a.expires_on JOIN [registrar].[plan] p ON p.id = e.plan_id AND p.digest = a.digest) k)
;SET @registrar_rows = ROWCOUNT_BIG()
