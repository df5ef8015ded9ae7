IF SCHEMA_ID(N'registrar') IS NULL EXEC(N'CREATE SCHEMA [registrar]');
IF SCHEMA_ID(N'registrar_staging') IS NULL EXEC(N'CREATE SCHEMA [registrar_staging]')
