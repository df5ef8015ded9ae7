CREATE TABLE [registrar_staging].[stage_2_b] ([seq] bigint NULL, [v0] int NULL, [v1] nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL)
