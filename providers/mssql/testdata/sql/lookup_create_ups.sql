CREATE TABLE [registrar_staging].[stage_2_q] ([ref] int NULL, [then] int NULL, [live] bigint NULL, [b0] nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL)
