CREATE TABLE [registrar_staging].[stage_2_n] ([seq] bigint NULL, [needed] bigint NULL)
