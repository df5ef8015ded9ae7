CREATE TABLE [registrar].[approval] (
  [id] nvarchar(36) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [digest] nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [plan_id] nvarchar(36) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [approved_on] datetimeoffset(6) NOT NULL,
  [expires_on] datetimeoffset(6) NOT NULL,
  [approved_by] nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [database_user] nvarchar(400) COLLATE Latin1_General_100_BIN2,
  [comment] nvarchar(max) COLLATE Latin1_General_100_BIN2,
  [key] nvarchar(max) COLLATE Latin1_General_100_BIN2,
  [signature] nvarchar(max) COLLATE Latin1_General_100_BIN2,
  PRIMARY KEY (id)
)
