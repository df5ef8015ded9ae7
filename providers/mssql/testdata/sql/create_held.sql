CREATE TABLE [registrar_staging].[stage_2_h] ([seq] bigint NULL)
