CREATE TABLE [registrar].[operation] (
  [plan_id] nvarchar(36) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [seq] bigint NOT NULL,
  [sync] nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [table_name] nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [operation] nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [key] nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [before] nvarchar(max) COLLATE Latin1_General_100_BIN2,
  [after] nvarchar(max) COLLATE Latin1_General_100_BIN2,
  [result] nvarchar(max) COLLATE Latin1_General_100_BIN2,
  PRIMARY KEY (plan_id, seq)
)
