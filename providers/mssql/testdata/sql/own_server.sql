SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)), CAST(d.compatibility_level AS int), CAST(d.is_read_only AS int) FROM sys.databases d WHERE d.database_id = DB_ID()
