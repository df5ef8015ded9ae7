SELECT CASE WHEN EXISTS (SELECT 1 FROM sys.triggers g WHERE g.parent_id = t.object_id AND g.is_disabled = 0) THEN 1 ELSE 0 END,
CASE WHEN EXISTS (SELECT 1 FROM sys.security_predicates r JOIN sys.security_policies y ON y.object_id = r.object_id WHERE r.target_object_id = t.object_id AND y.is_enabled = 1) THEN 1 ELSE 0 END,
CAST(t.is_memory_optimized AS int), CAST(t.is_external AS int), ISNULL(HAS_PERMS_BY_NAME(QUOTENAME(SCHEMA_NAME(t.schema_id)) + N'.' + QUOTENAME(t.name), 'OBJECT', 'VIEW DEFINITION'), 0)
FROM sys.tables t WHERE t.object_id = @p1
