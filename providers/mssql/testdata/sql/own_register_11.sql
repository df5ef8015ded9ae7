CREATE TABLE [registrar].[run] (
  [id] nvarchar(36) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [run_id] nvarchar(36) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [unit] nvarchar(400) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [schedule] nvarchar(400) COLLATE Latin1_General_100_BIN2,
  [slot] datetimeoffset(6),
  [attempt] bigint NOT NULL,
  [status] nvarchar(32) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [started_on] datetimeoffset(6) NOT NULL,
  [started_by] nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [ended_on] datetimeoffset(6),
  [plan_id] nvarchar(36) COLLATE Latin1_General_100_BIN2,
  [message] nvarchar(max) COLLATE Latin1_General_100_BIN2,
  PRIMARY KEY (id)
)
