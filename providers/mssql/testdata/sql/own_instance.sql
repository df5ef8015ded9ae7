SELECT CAST(SERVERPROPERTY('ServerName') AS nvarchar(256)), d.name, CAST(d.database_id AS nvarchar(20)), CONVERT(nvarchar(30), d.create_date, 126) FROM sys.databases d WHERE d.database_id = DB_ID()
