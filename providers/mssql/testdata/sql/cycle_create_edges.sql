CREATE TABLE [registrar_staging].[stage_2_e] ([child] nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL, [parent] nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL)
