CREATE TABLE [registrar_staging].[stage_2_g] ([seq] bigint NULL, [p0] int NULL)
