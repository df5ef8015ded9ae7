SELECT f.object_id, cs.name, ct.name, cc.name, ps.name, pt.name, pc.name, CAST(f.delete_referential_action AS int), CAST(f.update_referential_action AS int)
FROM sys.foreign_keys f JOIN sys.foreign_key_columns k ON k.constraint_object_id = f.object_id
JOIN sys.tables ct ON ct.object_id = f.parent_object_id JOIN sys.schemas cs ON cs.schema_id = ct.schema_id
JOIN sys.columns cc ON cc.object_id = k.parent_object_id AND cc.column_id = k.parent_column_id
JOIN sys.tables pt ON pt.object_id = f.referenced_object_id JOIN sys.schemas ps ON ps.schema_id = pt.schema_id
JOIN sys.columns pc ON pc.object_id = k.referenced_object_id AND pc.column_id = k.referenced_column_id
WHERE f.is_disabled = 0 AND @p1 IN (f.parent_object_id, f.referenced_object_id) ORDER BY f.object_id, k.constraint_column_id
