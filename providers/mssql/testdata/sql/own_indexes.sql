SELECT i.index_id, c.name, CAST(i.has_filter AS int) FROM sys.indexes i
JOIN sys.index_columns k ON k.object_id = i.object_id AND k.index_id = i.index_id AND k.is_included_column = 0 AND k.key_ordinal > 0
JOIN sys.columns c ON c.object_id = k.object_id AND c.column_id = k.column_id
WHERE i.object_id = @p1 AND i.is_unique = 1 AND i.is_disabled = 0 AND i.is_hypothetical = 0 ORDER BY i.is_primary_key DESC, i.index_id, k.key_ordinal
