SELECT DISTINCT o.sync FROM [registrar].[operation] o
