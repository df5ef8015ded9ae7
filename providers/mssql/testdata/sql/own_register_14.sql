CREATE TABLE [registrar].[pause] (
  [id] nvarchar(36) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [sync] nvarchar(400) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [paused_on] datetimeoffset(6) NOT NULL,
  [paused_by] nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [reason] nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [resumed_on] datetimeoffset(6),
  [resumed_by] nvarchar(max) COLLATE Latin1_General_100_BIN2,
  PRIMARY KEY (id)
)
