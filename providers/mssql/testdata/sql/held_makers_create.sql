CREATE TABLE [registrar_staging].[stage_1_b] ([seq] bigint NULL, [v0] nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL, [v1] nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL)
