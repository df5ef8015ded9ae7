CREATE TABLE [registrar].[override] (
  [plan_id] nvarchar(36) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [overridden_on] datetimeoffset(6) NOT NULL,
  [overridden_by] nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [reason] nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
  PRIMARY KEY (plan_id)
)
