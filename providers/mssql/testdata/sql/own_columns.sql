SELECT c.name, COALESCE(b.name, u.name), CAST(c.max_length AS int), CAST(c.precision AS int), CAST(c.scale AS int), ISNULL(c.collation_name, N''),
ISNULL(CAST(COLLATIONPROPERTY(c.collation_name, 'CodePage') AS int), 0), CAST(c.is_nullable AS int), CASE WHEN c.default_object_id <> 0 OR c.is_identity = 1 THEN 1 ELSE 0 END,
CASE WHEN c.is_computed = 1 OR c.is_identity = 1 OR c.generated_always_type <> 0 OR c.is_column_set = 1 THEN 1 ELSE 0 END, CAST(c.is_identity AS int),
CASE WHEN c.encryption_type IS NULL THEN 0 ELSE 1 END, CASE WHEN c.is_masked = 1 AND ISNULL(HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), 'DATABASE', 'UNMASK'), 0) = 0 THEN 1 ELSE 0 END
FROM sys.columns c LEFT JOIN sys.types b ON b.user_type_id = c.system_type_id LEFT JOIN sys.types u ON u.user_type_id = c.user_type_id
WHERE c.object_id = @p1 ORDER BY c.column_id
