DROP TABLE IF EXISTS [registrar_staging].[stage_1_0]
