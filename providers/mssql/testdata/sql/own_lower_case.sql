SELECT (LOWER((CONVERT(nvarchar(max), @p1) COLLATE Latin1_General_100_CI_AS_SC)) COLLATE Latin1_General_100_BIN2)
