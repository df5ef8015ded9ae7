SELECT DISTINCT s.name, q.name FROM sys.default_constraints f JOIN sys.sql_expression_dependencies d ON d.referencing_id = f.object_id
JOIN sys.sequences q ON q.object_id = d.referenced_id JOIN sys.schemas s ON s.schema_id = q.schema_id WHERE f.parent_object_id = @p1 ORDER BY s.name, q.name
