CREATE TABLE [registrar].[redaction] (
  [id] nvarchar(36) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [redacted_on] datetimeoffset(6) NOT NULL,
  [redacted_by] nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [database_user] nvarchar(400) COLLATE Latin1_General_100_BIN2,
  [reason] nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [operations] bigint NOT NULL,
  [findings] bigint NOT NULL,
  PRIMARY KEY (id)
)
