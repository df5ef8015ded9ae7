CREATE TABLE [registrar_staging].[stage_1_1] ([year] int NULL, [name] nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL, [registrar skip] nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL)
