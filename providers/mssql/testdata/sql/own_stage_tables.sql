SELECT t.name FROM sys.tables t JOIN sys.schemas s ON s.schema_id = t.schema_id
WHERE s.name = N'registrar_staging' AND CONVERT(varbinary(256), LEFT(t.name, LEN(@p1))) = CONVERT(varbinary(256), @p1)
AND HAS_PERMS_BY_NAME(QUOTENAME(s.name), 'SCHEMA', 'ALTER') = 1 ORDER BY t.name
