CREATE TABLE [registrar_staging].[stage_2_v] ([course_id] int NULL, [student] nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL)
