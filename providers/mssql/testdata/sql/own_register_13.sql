CREATE TABLE [registrar].[run_beat] (
  [id] nvarchar(36) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [beats] bigint NOT NULL,
  PRIMARY KEY (id)
)
