CREATE TABLE [registrar].[author] (
  [plan_id] nvarchar(36) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [database_user] nvarchar(400) COLLATE Latin1_General_100_BIN2,
  PRIMARY KEY (plan_id)
)
