CREATE TABLE [registrar].[execution] (
  [plan_id] nvarchar(36) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [executed_on] datetimeoffset(6) NOT NULL,
  [executed_by] nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
  PRIMARY KEY (plan_id)
)
