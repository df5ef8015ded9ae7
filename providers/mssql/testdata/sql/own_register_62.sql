SELECT count(*) FROM [registrar].[operation] o WHERE o.sync = @p1 AND o.operation IN ('rename', 'undelete')
