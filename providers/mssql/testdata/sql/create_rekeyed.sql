CREATE TABLE [registrar_staging].[stage_2_k] ([seq] bigint NULL, [p0] nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL)
