CREATE TABLE [registrar].[plan] (
  [id] nvarchar(36) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [created_on] datetimeoffset(6) NOT NULL,
  [created_by] nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [config_digest] nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [git_commit] nvarchar(max) COLLATE Latin1_General_100_BIN2,
  [expires_on] datetimeoffset(6) NOT NULL,
  [speculative] bit NOT NULL,
  [status] nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [digest] nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [summary] nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
  PRIMARY KEY (id)
)
