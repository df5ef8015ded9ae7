SELECT o.object_id, o.type, s.name, o.name FROM sys.objects o JOIN sys.schemas s ON s.schema_id = o.schema_id
WHERE o.type IN ('U', 'V', 'SN') AND o.is_ms_shipped = 0 AND s.name NOT IN (N'registrar', N'registrar_staging') ORDER BY s.name, o.name
