CREATE TABLE [registrar].[finding] (
  [plan_id] nvarchar(36) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [seq] bigint NOT NULL,
  [sync] nvarchar(400) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [kind] nvarchar(32) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [key] nvarchar(max) COLLATE Latin1_General_100_BIN2,
  [message] nvarchar(max) COLLATE Latin1_General_100_BIN2,
  [detail] nvarchar(max) COLLATE Latin1_General_100_BIN2,
  PRIMARY KEY (plan_id, seq)
)
