SELECT CASE WHEN d.snapshot_isolation_state = 1 AND OBJECT_ID(N'[registrar].[meta]', 'U') IS NOT NULL THEN 1 ELSE 0 END FROM sys.databases d WHERE d.database_id = DB_ID()
