CREATE TABLE [registrar].[meta] (
  [version] bigint NOT NULL,
  [identity] nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [created_on] datetimeoffset(6) NOT NULL
)
