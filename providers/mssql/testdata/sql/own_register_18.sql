CREATE TABLE [registrar].[disclosure] (
  [id] nvarchar(36) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [plan_id] nvarchar(36) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [shown_on] datetimeoffset(6) NOT NULL,
  [shown_by] nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [database_user] nvarchar(400) COLLATE Latin1_General_100_BIN2,
  PRIMARY KEY (id)
)
