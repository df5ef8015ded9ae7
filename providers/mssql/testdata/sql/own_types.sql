SELECT CASE x.[v0] WHEN 1 THEN N'true' WHEN 0 THEN N'false' END,
 x.[v0],
 CONVERT(bit, @p1),
 x.[v0],
 x.[v0],
CONVERT(nvarchar(20), x.[v1]),
 x.[v1],
 CONVERT(tinyint, @p1),
 x.[v1],
 x.[v1],
CONVERT(nvarchar(20), x.[v2]),
 x.[v2],
 CONVERT(bigint, @p1),
 x.[v2],
 x.[v2],
CONVERT(nvarchar(42), x.[v3]),
 x.[v3],
 CONVERT(decimal(38,2), @p1),
 ROUND(CONVERT(decimal(38,2), x.[v3]), 1),
 x.[v3],
CONVERT(nvarchar(42), CONVERT(decimal(10,4), x.[v4])),
 CONVERT(decimal(10,4), x.[v4]),
 CONVERT(smallmoney, @p1),
 ROUND(CONVERT(decimal(11,4), CONVERT(decimal(10,4), x.[v4])), 1),
 x.[v4],
CONVERT(nvarchar(42), CONVERT(decimal(19,4), x.[v5])),
 CONVERT(decimal(19,4), x.[v5]),
 CONVERT(money, @p1),
 ROUND(CONVERT(decimal(20,4), CONVERT(decimal(19,4), x.[v5])), 1),
 x.[v5],
(SELECT CASE WHEN f.x = 0 THEN N'0' ELSE CASE WHEN f.x < 0 THEN N'-' ELSE N'' END + CASE
 WHEN g.e < -4 OR g.e > 14 THEN LEFT(g.d, 1) + CASE WHEN LEN(g.d) > 1 THEN N'.' + SUBSTRING(g.d, 2, 17) ELSE N'' END + CASE WHEN g.e < 0 THEN N'e-' ELSE N'e+' END + CASE WHEN ABS(g.e) < 10 THEN N'0' ELSE N'' END + CONVERT(nvarchar(5), ABS(g.e))
 WHEN g.e < 0 THEN N'0.' + REPLICATE(N'0', -g.e - 1) + g.d
 WHEN LEN(g.d) <= g.e + 1 THEN g.d + REPLICATE(N'0', g.e + 1 - LEN(g.d))
 ELSE LEFT(g.d, g.e + 1) + N'.' + SUBSTRING(g.d, g.e + 2, 17) END END
FROM (SELECT CONVERT(real, x.[v6]) AS x) f
CROSS APPLY (SELECT CONVERT(varchar(30), ABS(CONVERT(float, f.x)), 3) AS t) s
CROSS APPLY (SELECT CONVERT(decimal(18,0), LEFT(s.t, 1) + SUBSTRING(s.t, 3, 16)) AS n, CONVERT(int, SUBSTRING(s.t, 20, 5)) AS e) m
CROSS APPLY (SELECT CASE WHEN TRY_CONVERT(real, TRY_CONVERT(float, CONVERT(varchar(20), ROUND(m.n, -11)) + 'e' + CONVERT(varchar(5), m.e - 16))) = ABS(f.x) THEN ROUND(m.n, -11) WHEN TRY_CONVERT(real, TRY_CONVERT(float, CONVERT(varchar(20), ROUND(m.n, -10)) + 'e' + CONVERT(varchar(5), m.e - 16))) = ABS(f.x) THEN ROUND(m.n, -10) WHEN TRY_CONVERT(real, TRY_CONVERT(float, CONVERT(varchar(20), ROUND(m.n, -9)) + 'e' + CONVERT(varchar(5), m.e - 16))) = ABS(f.x) THEN ROUND(m.n, -9) ELSE ROUND(m.n, -8) END AS n, m.e AS e) d
CROSS APPLY (SELECT REPLACE(RTRIM(REPLACE(CONVERT(nvarchar(20), d.n), N'0', N' ')), N' ', N'0') AS d, d.e + LEN(CONVERT(nvarchar(20), d.n)) - 17 AS e) g),
 x.[v6],
 CONVERT(real, CONVERT(float, @p1)),
 CASE WHEN ABS(x.[v6]) >= 1e15 THEN (SELECT CASE WHEN f.x = 0 THEN N'0' ELSE CASE WHEN f.x < 0 THEN N'-' ELSE N'' END + CASE
 WHEN g.e < -4 OR g.e > 14 THEN LEFT(g.d, 1) + CASE WHEN LEN(g.d) > 1 THEN N'.' + SUBSTRING(g.d, 2, 17) ELSE N'' END + CASE WHEN g.e < 0 THEN N'e-' ELSE N'e+' END + CASE WHEN ABS(g.e) < 10 THEN N'0' ELSE N'' END + CONVERT(nvarchar(5), ABS(g.e))
 WHEN g.e < 0 THEN N'0.' + REPLICATE(N'0', -g.e - 1) + g.d
 WHEN LEN(g.d) <= g.e + 1 THEN g.d + REPLICATE(N'0', g.e + 1 - LEN(g.d))
 ELSE LEFT(g.d, g.e + 1) + N'.' + SUBSTRING(g.d, g.e + 2, 17) END END
FROM (SELECT CONVERT(real, x.[v6]) AS x) f
CROSS APPLY (SELECT CONVERT(varchar(30), ABS(CONVERT(float, f.x)), 3) AS t) s
CROSS APPLY (SELECT CONVERT(decimal(18,0), LEFT(s.t, 1) + SUBSTRING(s.t, 3, 16)) AS n, CONVERT(int, SUBSTRING(s.t, 20, 5)) AS e) m
CROSS APPLY (SELECT CASE WHEN TRY_CONVERT(real, TRY_CONVERT(float, CONVERT(varchar(20), ROUND(m.n, -11)) + 'e' + CONVERT(varchar(5), m.e - 16))) = ABS(f.x) THEN ROUND(m.n, -11) WHEN TRY_CONVERT(real, TRY_CONVERT(float, CONVERT(varchar(20), ROUND(m.n, -10)) + 'e' + CONVERT(varchar(5), m.e - 16))) = ABS(f.x) THEN ROUND(m.n, -10) WHEN TRY_CONVERT(real, TRY_CONVERT(float, CONVERT(varchar(20), ROUND(m.n, -9)) + 'e' + CONVERT(varchar(5), m.e - 16))) = ABS(f.x) THEN ROUND(m.n, -9) ELSE ROUND(m.n, -8) END AS n, m.e AS e) d
CROSS APPLY (SELECT REPLACE(RTRIM(REPLACE(CONVERT(nvarchar(20), d.n), N'0', N' ')), N' ', N'0') AS d, d.e + LEN(CONVERT(nvarchar(20), d.n)) - 17 AS e) g) WHEN ABS(x.[v6]) < 1e-4 THEN CONVERT(nvarchar(60), ROUND(CONVERT(decimal(38,22), x.[v6]), 1)) ELSE CONVERT(nvarchar(60), ROUND(CONVERT(decimal(38,22), (SELECT CASE WHEN f.x = 0 THEN N'0' ELSE CASE WHEN f.x < 0 THEN N'-' ELSE N'' END + CASE
 WHEN g.e < -4 OR g.e > 14 THEN LEFT(g.d, 1) + CASE WHEN LEN(g.d) > 1 THEN N'.' + SUBSTRING(g.d, 2, 17) ELSE N'' END + CASE WHEN g.e < 0 THEN N'e-' ELSE N'e+' END + CASE WHEN ABS(g.e) < 10 THEN N'0' ELSE N'' END + CONVERT(nvarchar(5), ABS(g.e))
 WHEN g.e < 0 THEN N'0.' + REPLICATE(N'0', -g.e - 1) + g.d
 WHEN LEN(g.d) <= g.e + 1 THEN g.d + REPLICATE(N'0', g.e + 1 - LEN(g.d))
 ELSE LEFT(g.d, g.e + 1) + N'.' + SUBSTRING(g.d, g.e + 2, 17) END END
FROM (SELECT CONVERT(real, x.[v6]) AS x) f
CROSS APPLY (SELECT CONVERT(varchar(30), ABS(CONVERT(float, f.x)), 3) AS t) s
CROSS APPLY (SELECT CONVERT(decimal(18,0), LEFT(s.t, 1) + SUBSTRING(s.t, 3, 16)) AS n, CONVERT(int, SUBSTRING(s.t, 20, 5)) AS e) m
CROSS APPLY (SELECT CASE WHEN TRY_CONVERT(real, TRY_CONVERT(float, CONVERT(varchar(20), ROUND(m.n, -11)) + 'e' + CONVERT(varchar(5), m.e - 16))) = ABS(f.x) THEN ROUND(m.n, -11) WHEN TRY_CONVERT(real, TRY_CONVERT(float, CONVERT(varchar(20), ROUND(m.n, -10)) + 'e' + CONVERT(varchar(5), m.e - 16))) = ABS(f.x) THEN ROUND(m.n, -10) WHEN TRY_CONVERT(real, TRY_CONVERT(float, CONVERT(varchar(20), ROUND(m.n, -9)) + 'e' + CONVERT(varchar(5), m.e - 16))) = ABS(f.x) THEN ROUND(m.n, -9) ELSE ROUND(m.n, -8) END AS n, m.e AS e) d
CROSS APPLY (SELECT REPLACE(RTRIM(REPLACE(CONVERT(nvarchar(20), d.n), N'0', N' ')), N' ', N'0') AS d, d.e + LEN(CONVERT(nvarchar(20), d.n)) - 17 AS e) g)), 1)) END,
 x.[v6],
(SELECT CASE WHEN f.x = 0 THEN N'0' ELSE CASE WHEN f.x < 0 THEN N'-' ELSE N'' END + CASE
 WHEN g.e < -4 OR g.e > 14 THEN LEFT(g.d, 1) + CASE WHEN LEN(g.d) > 1 THEN N'.' + SUBSTRING(g.d, 2, 17) ELSE N'' END + CASE WHEN g.e < 0 THEN N'e-' ELSE N'e+' END + CASE WHEN ABS(g.e) < 10 THEN N'0' ELSE N'' END + CONVERT(nvarchar(5), ABS(g.e))
 WHEN g.e < 0 THEN N'0.' + REPLICATE(N'0', -g.e - 1) + g.d
 WHEN LEN(g.d) <= g.e + 1 THEN g.d + REPLICATE(N'0', g.e + 1 - LEN(g.d))
 ELSE LEFT(g.d, g.e + 1) + N'.' + SUBSTRING(g.d, g.e + 2, 17) END END
FROM (SELECT CONVERT(float, x.[v7]) AS x) f
CROSS APPLY (SELECT CONVERT(varchar(30), ABS(CONVERT(float, f.x)), 3) AS t) s
CROSS APPLY (SELECT CONVERT(decimal(18,0), LEFT(s.t, 1) + SUBSTRING(s.t, 3, 16)) AS n, CONVERT(int, SUBSTRING(s.t, 20, 5)) AS e) m
CROSS APPLY (SELECT CASE WHEN TRY_CONVERT(float, TRY_CONVERT(float, CONVERT(varchar(20), ROUND(m.n, -2)) + 'e' + CONVERT(varchar(5), m.e - 16))) = ABS(f.x) THEN ROUND(m.n, -2) WHEN TRY_CONVERT(float, TRY_CONVERT(float, CONVERT(varchar(20), ROUND(m.n, -1)) + 'e' + CONVERT(varchar(5), m.e - 16))) = ABS(f.x) THEN ROUND(m.n, -1) ELSE ROUND(m.n, 0) END AS n, m.e AS e) d
CROSS APPLY (SELECT REPLACE(RTRIM(REPLACE(CONVERT(nvarchar(20), d.n), N'0', N' ')), N' ', N'0') AS d, d.e + LEN(CONVERT(nvarchar(20), d.n)) - 17 AS e) g),
 x.[v7],
 CONVERT(float, @p1),
 CASE WHEN ABS(x.[v7]) >= 1e15 THEN (SELECT CASE WHEN f.x = 0 THEN N'0' ELSE CASE WHEN f.x < 0 THEN N'-' ELSE N'' END + CASE
 WHEN g.e < -4 OR g.e > 14 THEN LEFT(g.d, 1) + CASE WHEN LEN(g.d) > 1 THEN N'.' + SUBSTRING(g.d, 2, 17) ELSE N'' END + CASE WHEN g.e < 0 THEN N'e-' ELSE N'e+' END + CASE WHEN ABS(g.e) < 10 THEN N'0' ELSE N'' END + CONVERT(nvarchar(5), ABS(g.e))
 WHEN g.e < 0 THEN N'0.' + REPLICATE(N'0', -g.e - 1) + g.d
 WHEN LEN(g.d) <= g.e + 1 THEN g.d + REPLICATE(N'0', g.e + 1 - LEN(g.d))
 ELSE LEFT(g.d, g.e + 1) + N'.' + SUBSTRING(g.d, g.e + 2, 17) END END
FROM (SELECT CONVERT(float, x.[v7]) AS x) f
CROSS APPLY (SELECT CONVERT(varchar(30), ABS(CONVERT(float, f.x)), 3) AS t) s
CROSS APPLY (SELECT CONVERT(decimal(18,0), LEFT(s.t, 1) + SUBSTRING(s.t, 3, 16)) AS n, CONVERT(int, SUBSTRING(s.t, 20, 5)) AS e) m
CROSS APPLY (SELECT CASE WHEN TRY_CONVERT(float, TRY_CONVERT(float, CONVERT(varchar(20), ROUND(m.n, -2)) + 'e' + CONVERT(varchar(5), m.e - 16))) = ABS(f.x) THEN ROUND(m.n, -2) WHEN TRY_CONVERT(float, TRY_CONVERT(float, CONVERT(varchar(20), ROUND(m.n, -1)) + 'e' + CONVERT(varchar(5), m.e - 16))) = ABS(f.x) THEN ROUND(m.n, -1) ELSE ROUND(m.n, 0) END AS n, m.e AS e) d
CROSS APPLY (SELECT REPLACE(RTRIM(REPLACE(CONVERT(nvarchar(20), d.n), N'0', N' ')), N' ', N'0') AS d, d.e + LEN(CONVERT(nvarchar(20), d.n)) - 17 AS e) g) WHEN ABS(x.[v7]) < 1e-4 THEN CONVERT(nvarchar(60), ROUND(CONVERT(decimal(38,22), x.[v7]), 1)) ELSE CONVERT(nvarchar(60), ROUND(CONVERT(decimal(38,22), (SELECT CASE WHEN f.x = 0 THEN N'0' ELSE CASE WHEN f.x < 0 THEN N'-' ELSE N'' END + CASE
 WHEN g.e < -4 OR g.e > 14 THEN LEFT(g.d, 1) + CASE WHEN LEN(g.d) > 1 THEN N'.' + SUBSTRING(g.d, 2, 17) ELSE N'' END + CASE WHEN g.e < 0 THEN N'e-' ELSE N'e+' END + CASE WHEN ABS(g.e) < 10 THEN N'0' ELSE N'' END + CONVERT(nvarchar(5), ABS(g.e))
 WHEN g.e < 0 THEN N'0.' + REPLICATE(N'0', -g.e - 1) + g.d
 WHEN LEN(g.d) <= g.e + 1 THEN g.d + REPLICATE(N'0', g.e + 1 - LEN(g.d))
 ELSE LEFT(g.d, g.e + 1) + N'.' + SUBSTRING(g.d, g.e + 2, 17) END END
FROM (SELECT CONVERT(float, x.[v7]) AS x) f
CROSS APPLY (SELECT CONVERT(varchar(30), ABS(CONVERT(float, f.x)), 3) AS t) s
CROSS APPLY (SELECT CONVERT(decimal(18,0), LEFT(s.t, 1) + SUBSTRING(s.t, 3, 16)) AS n, CONVERT(int, SUBSTRING(s.t, 20, 5)) AS e) m
CROSS APPLY (SELECT CASE WHEN TRY_CONVERT(float, TRY_CONVERT(float, CONVERT(varchar(20), ROUND(m.n, -2)) + 'e' + CONVERT(varchar(5), m.e - 16))) = ABS(f.x) THEN ROUND(m.n, -2) WHEN TRY_CONVERT(float, TRY_CONVERT(float, CONVERT(varchar(20), ROUND(m.n, -1)) + 'e' + CONVERT(varchar(5), m.e - 16))) = ABS(f.x) THEN ROUND(m.n, -1) ELSE ROUND(m.n, 0) END AS n, m.e AS e) d
CROSS APPLY (SELECT REPLACE(RTRIM(REPLACE(CONVERT(nvarchar(20), d.n), N'0', N' ')), N' ', N'0') AS d, d.e + LEN(CONVERT(nvarchar(20), d.n)) - 17 AS e) g)), 1)) END,
 x.[v7],
(CONVERT(nvarchar(4000), RTRIM(x.[v8])) COLLATE Latin1_General_100_BIN2),
 CONVERT(varbinary(8000), CONVERT(nvarchar(4000), RTRIM(x.[v8]))),
 (CONVERT(char(5), (@p1 COLLATE French_CI_AS)) COLLATE French_CI_AS),
 x.[v8],
 x.[v8],
(CONVERT(nvarchar(max), x.[v9]) COLLATE Latin1_General_100_BIN2),
 CONVERT(varbinary(max), CONVERT(nvarchar(max), x.[v9])),
 (CONVERT(varchar(8000), (@p1 COLLATE French_CI_AS)) COLLATE French_CI_AS),
 x.[v9],
 x.[v9],
(CONVERT(nvarchar(max), x.[v10]) COLLATE Latin1_General_100_BIN2),
 CONVERT(varbinary(max), CONVERT(nvarchar(max), x.[v10])),
 (CONVERT(varchar(max), (@p1 COLLATE Latin1_General_100_CI_AS_SC_UTF8)) COLLATE Latin1_General_100_CI_AS_SC_UTF8),
 x.[v10],
 x.[v10],
(CONVERT(nvarchar(max), x.[v11]) COLLATE Latin1_General_100_BIN2),
 CONVERT(varbinary(max), CONVERT(nvarchar(max), x.[v11])),
 (CONVERT(varchar(max), (@p1 COLLATE French_CI_AS)) COLLATE French_CI_AS),
 x.[v11],
 x.[v11],
(CONVERT(nvarchar(4000), RTRIM(x.[v12])) COLLATE Latin1_General_100_BIN2),
 CONVERT(varbinary(8000), CONVERT(nvarchar(4000), RTRIM(x.[v12]))),
 (CONVERT(nchar(5), (@p1 COLLATE French_CI_AS)) COLLATE French_CI_AS),
 x.[v12],
 x.[v12],
(CONVERT(nvarchar(4000), x.[v13]) COLLATE Latin1_General_100_BIN2),
 CONVERT(varbinary(8000), CONVERT(nvarchar(4000), x.[v13])),
 (CONVERT(nvarchar(4000), (@p1 COLLATE French_CI_AS)) COLLATE French_CI_AS),
 x.[v13],
 x.[v13],
(CONVERT(nvarchar(max), x.[v14]) COLLATE Latin1_General_100_BIN2),
 CONVERT(varbinary(max), CONVERT(nvarchar(max), x.[v14])),
 (CONVERT(nvarchar(max), (@p1 COLLATE French_CI_AS)) COLLATE French_CI_AS),
 x.[v14],
 x.[v14],
(CONVERT(nvarchar(max), x.[v15]) COLLATE Latin1_General_100_BIN2),
 CONVERT(varbinary(max), CONVERT(nvarchar(max), x.[v15])),
 (CONVERT(nvarchar(max), (@p1 COLLATE French_CI_AS)) COLLATE French_CI_AS),
 x.[v15],
 x.[v15],
N'\x' + LOWER(CONVERT(varchar(max), CONVERT(varbinary(max), x.[v16]), 2)),
 N'\x' + LOWER(CONVERT(varchar(max), CONVERT(varbinary(max), x.[v16]), 2)),
 CONVERT(binary(3), CONVERT(varchar(max), SUBSTRING(@p1, 3, DATALENGTH(@p1))), 2),
 x.[v16],
 x.[v16],
N'\x' + LOWER(CONVERT(varchar(max), CONVERT(varbinary(max), x.[v17]), 2)),
 N'\x' + LOWER(CONVERT(varchar(max), CONVERT(varbinary(max), x.[v17]), 2)),
 CONVERT(varbinary(8000), CONVERT(varchar(max), SUBSTRING(@p1, 3, DATALENGTH(@p1))), 2),
 x.[v17],
 x.[v17],
N'\x' + LOWER(CONVERT(varchar(max), CONVERT(varbinary(max), x.[v18]), 2)),
 N'\x' + LOWER(CONVERT(varchar(max), CONVERT(varbinary(max), x.[v18]), 2)),
 CONVERT(varbinary(max), CONVERT(varchar(max), SUBSTRING(@p1, 3, DATALENGTH(@p1))), 2),
 x.[v18],
 x.[v18],
N'\x' + LOWER(CONVERT(varchar(max), CONVERT(varbinary(max), x.[v19]), 2)),
 N'\x' + LOWER(CONVERT(varchar(max), CONVERT(varbinary(max), x.[v19]), 2)),
 CONVERT(varbinary(max), CONVERT(varchar(max), SUBSTRING(@p1, 3, DATALENGTH(@p1))), 2),
 x.[v19],
 x.[v19],
N'\x' + LOWER(CONVERT(varchar(max), CONVERT(varbinary(max), x.[v20]), 2)),
 N'\x' + LOWER(CONVERT(varchar(max), CONVERT(varbinary(max), x.[v20]), 2)),
 CONVERT(varbinary(max), CONVERT(varchar(max), SUBSTRING(@p1, 3, DATALENGTH(@p1))), 2),
 x.[v20],
 x.[v20],
CONVERT(nvarchar(10), x.[v21], 23),
 x.[v21],
 CONVERT(date, @p1, 23),
 x.[v21],
 x.[v21],
LEFT(CONVERT(nvarchar(16), x.[v22], 121), 8) + ISNULL(NULLIF(REPLACE(RTRIM(REPLACE(SUBSTRING(CONVERT(nvarchar(16), x.[v22], 121), 9, 8), N'0', N' ')), N' ', N'0'), N'.'), N''),
 x.[v22],
 CONVERT(time(7), @p1),
 x.[v22],
 x.[v22],
CONVERT(nvarchar(19), x.[v23], 120),
 x.[v23],
 CONVERT(smalldatetime, @p1, 121),
 x.[v23],
 CONVERT(date, x.[v23]),
LEFT(CONVERT(nvarchar(27), x.[v24], 121), 19) + ISNULL(NULLIF(REPLACE(RTRIM(REPLACE(SUBSTRING(CONVERT(nvarchar(27), x.[v24], 121), 20, 8), N'0', N' ')), N' ', N'0'), N'.'), N''),
 x.[v24],
 CONVERT(datetime, @p1, 121),
 x.[v24],
 CONVERT(date, x.[v24]),
LEFT(CONVERT(nvarchar(27), x.[v25], 121), 19) + ISNULL(NULLIF(REPLACE(RTRIM(REPLACE(SUBSTRING(CONVERT(nvarchar(27), x.[v25], 121), 20, 8), N'0', N' ')), N' ', N'0'), N'.'), N''),
 x.[v25],
 CONVERT(datetime2(7), @p1, 121),
 x.[v25],
 CONVERT(date, x.[v25]),
CONVERT(nvarchar(19), x.[v26], 120),
 x.[v26],
 CONVERT(datetime2(0), @p1, 121),
 x.[v26],
 CONVERT(date, x.[v26]),
LEFT(CONVERT(nvarchar(27), CONVERT(datetime2(3), SWITCHOFFSET(x.[v27], '+00:00')), 121), 19) + ISNULL(NULLIF(REPLACE(RTRIM(REPLACE(SUBSTRING(CONVERT(nvarchar(27), CONVERT(datetime2(3), SWITCHOFFSET(x.[v27], '+00:00')), 121), 20, 8), N'0', N' ')), N' ', N'0'), N'.'), N'') + N'Z',
 x.[v27],
 CONVERT(datetimeoffset(3), REPLACE(@p1, N'Z', N' +00:00')),
 x.[v27],
 CONVERT(date, x.[v27] AT TIME ZONE (SELECT MAX(ISNULL(w.windows, z.name)) FROM (SELECT @p1 AS name) z LEFT JOIN (VALUES (N'Africa/Abidjan', N'Greenwich Standard Time'), (N'Africa/Accra', N'Greenwich Standard Time'), (N'Africa/Algiers', N'W. Central Africa Standard Time'), (N'Africa/Bamako', N'Greenwich Standard Time'), (N'Africa/Brazzaville', N'W. Central Africa Standard Time'), (N'Africa/Cairo', N'Egypt Standard Time'), (N'Africa/Casablanca', N'Morocco Standard Time'), (N'Africa/Ceuta', N'Romance Standard Time'), (N'Africa/Conakry', N'Greenwich Standard Time'), (N'Africa/Dakar', N'Greenwich Standard Time'), (N'Africa/Djibouti', N'E. Africa Standard Time'), (N'Africa/Douala', N'W. Central Africa Standard Time'), (N'Africa/Johannesburg', N'South Africa Standard Time'), (N'Africa/Juba', N'South Sudan Standard Time'), (N'Africa/Khartoum', N'Sudan Standard Time'), (N'Africa/Kinshasa', N'W. Central Africa Standard Time'), (N'Africa/Lagos', N'W. Central Africa Standard Time'), (N'Africa/Libreville', N'W. Central Africa Standard Time'), (N'Africa/Lome', N'Greenwich Standard Time'), (N'Africa/Nairobi', N'E. Africa Standard Time'), (N'Africa/Ndjamena', N'W. Central Africa Standard Time'), (N'Africa/Niamey', N'W. Central Africa Standard Time'), (N'Africa/Nouakchott', N'Greenwich Standard Time'), (N'Africa/Ouagadougou', N'Greenwich Standard Time'), (N'Africa/Porto-Novo', N'W. Central Africa Standard Time'), (N'Africa/Sao_Tome', N'Sao Tome Standard Time'), (N'Africa/Tripoli', N'Libya Standard Time'), (N'Africa/Tunis', N'W. Central Africa Standard Time'), (N'Africa/Windhoek', N'Namibia Standard Time'), (N'America/Adak', N'Aleutian Standard Time'), (N'America/Anchorage', N'Alaskan Standard Time'), (N'America/Araguaina', N'Tocantins Standard Time'), (N'America/Argentina/Buenos_Aires', N'Argentina Standard Time'), (N'America/Asuncion', N'Paraguay Standard Time'), (N'America/Bahia', N'Bahia Standard Time'), (N'America/Bogota', N'SA Pacific Standard Time'), (N'America/Buenos_Aires', N'Argentina Standard Time'), (N'America/Cancun', N'Eastern Standard Time (Mexico)'), (N'America/Caracas', N'Venezuela Standard Time'), (N'America/Cayenne', N'SA Eastern Standard Time'), (N'America/Chicago', N'Central Standard Time'), (N'America/Cuiaba', N'Central Brazilian Standard Time'), (N'America/Denver', N'Mountain Standard Time'), (N'America/Godthab', N'Greenland Standard Time'), (N'America/Grand_Turk', N'Turks And Caicos Standard Time'), (N'America/Guadeloupe', N'SA Western Standard Time'), (N'America/Guatemala', N'Central America Standard Time'), (N'America/Halifax', N'Atlantic Standard Time'), (N'America/Havana', N'Cuba Standard Time'), (N'America/Indiana/Indianapolis', N'US Eastern Standard Time'), (N'America/Indianapolis', N'US Eastern Standard Time'), (N'America/La_Paz', N'SA Western Standard Time'), (N'America/Los_Angeles', N'Pacific Standard Time'), (N'America/Marigot', N'SA Western Standard Time'), (N'America/Martinique', N'SA Western Standard Time'), (N'America/Mazatlan', N'Mountain Standard Time (Mexico)'), (N'America/Mexico_City', N'Central Standard Time (Mexico)'), (N'America/Miquelon', N'Saint Pierre Standard Time'), (N'America/Montevideo', N'Montevideo Standard Time'), (N'America/Montreal', N'Eastern Standard Time'), (N'America/New_York', N'Eastern Standard Time'), (N'America/Paramaribo', N'SA Eastern Standard Time'), (N'America/Phoenix', N'US Mountain Standard Time'), (N'America/Port-au-Prince', N'Haiti Standard Time'), (N'America/Puerto_Rico', N'SA Western Standard Time'), (N'America/Punta_Arenas', N'Magallanes Standard Time'), (N'America/Regina', N'Canada Central Standard Time'), (N'America/Santiago', N'Pacific SA Standard Time'), (N'America/Sao_Paulo', N'E. South America Standard Time'), (N'America/St_Barthelemy', N'SA Western Standard Time'), (N'America/St_Johns', N'Newfoundland Standard Time'), (N'America/Tijuana', N'Pacific Standard Time (Mexico)'), (N'America/Toronto', N'Eastern Standard Time'), (N'America/Whitehorse', N'Yukon Standard Time'), (N'Arctic/Longyearbyen', N'W. Europe Standard Time'), (N'Asia/Amman', N'Jordan Standard Time'), (N'Asia/Baghdad', N'Arabic Standard Time'), (N'Asia/Baku', N'Azerbaijan Standard Time'), (N'Asia/Bangkok', N'SE Asia Standard Time'), (N'Asia/Barnaul', N'Altai Standard Time'), (N'Asia/Beirut', N'Middle East Standard Time'), (N'Asia/Bishkek', N'Central Asia Standard Time'), (N'Asia/Calcutta', N'India Standard Time'), (N'Asia/Chita', N'Transbaikal Standard Time'), (N'Asia/Colombo', N'Sri Lanka Standard Time'), (N'Asia/Damascus', N'Syria Standard Time'), (N'Asia/Dhaka', N'Bangladesh Standard Time'), (N'Asia/Dubai', N'Arabian Standard Time'), (N'Asia/Hebron', N'West Bank Standard Time'), (N'Asia/Ho_Chi_Minh', N'SE Asia Standard Time'), (N'Asia/Hovd', N'W. Mongolia Standard Time'), (N'Asia/Irkutsk', N'North Asia East Standard Time'), (N'Asia/Jakarta', N'SE Asia Standard Time'), (N'Asia/Jerusalem', N'Israel Standard Time'), (N'Asia/Kabul', N'Afghanistan Standard Time'), (N'Asia/Kamchatka', N'Russia Time Zone 11'), (N'Asia/Karachi', N'Pakistan Standard Time'), (N'Asia/Kathmandu', N'Nepal Standard Time'), (N'Asia/Katmandu', N'Nepal Standard Time'), (N'Asia/Kolkata', N'India Standard Time'), (N'Asia/Krasnoyarsk', N'North Asia Standard Time'), (N'Asia/Magadan', N'Magadan Standard Time'), (N'Asia/Nicosia', N'GTB Standard Time'), (N'Asia/Novosibirsk', N'N. Central Asia Standard Time'), (N'Asia/Omsk', N'Omsk Standard Time'), (N'Asia/Pyongyang', N'North Korea Standard Time'), (N'Asia/Qyzylorda', N'Qyzylorda Standard Time'), (N'Asia/Rangoon', N'Myanmar Standard Time'), (N'Asia/Riyadh', N'Arab Standard Time'), (N'Asia/Saigon', N'SE Asia Standard Time'), (N'Asia/Sakhalin', N'Sakhalin Standard Time'), (N'Asia/Seoul', N'Korea Standard Time'), (N'Asia/Shanghai', N'China Standard Time'), (N'Asia/Singapore', N'Singapore Standard Time'), (N'Asia/Srednekolymsk', N'Russia Time Zone 10'), (N'Asia/Taipei', N'Taipei Standard Time'), (N'Asia/Tashkent', N'West Asia Standard Time'), (N'Asia/Tbilisi', N'Georgian Standard Time'), (N'Asia/Tehran', N'Iran Standard Time'), (N'Asia/Tel_Aviv', N'Israel Standard Time'), (N'Asia/Tokyo', N'Tokyo Standard Time'), (N'Asia/Tomsk', N'Tomsk Standard Time'), (N'Asia/Ulaanbaatar', N'Ulaanbaatar Standard Time'), (N'Asia/Vladivostok', N'Vladivostok Standard Time'), (N'Asia/Yakutsk', N'Yakutsk Standard Time'), (N'Asia/Yangon', N'Myanmar Standard Time'), (N'Asia/Yekaterinburg', N'Ekaterinburg Standard Time'), (N'Asia/Yerevan', N'Caucasus Standard Time'), (N'Atlantic/Azores', N'Azores Standard Time'), (N'Atlantic/Canary', N'GMT Standard Time'), (N'Atlantic/Cape_Verde', N'Cape Verde Standard Time'), (N'Atlantic/Faeroe', N'GMT Standard Time'), (N'Atlantic/Faroe', N'GMT Standard Time'), (N'Atlantic/Madeira', N'GMT Standard Time'), (N'Atlantic/Reykjavik', N'Greenwich Standard Time'), (N'Australia/Adelaide', N'Cen. Australia Standard Time'), (N'Australia/Brisbane', N'E. Australia Standard Time'), (N'Australia/Darwin', N'AUS Central Standard Time'), (N'Australia/Eucla', N'Aus Central W. Standard Time'), (N'Australia/Hobart', N'Tasmania Standard Time'), (N'Australia/Lord_Howe', N'Lord Howe Standard Time'), (N'Australia/Perth', N'W. Australia Standard Time'), (N'Australia/Sydney', N'AUS Eastern Standard Time'), (N'Etc/GMT', N'UTC'), (N'Etc/GMT+11', N'UTC-11'), (N'Etc/GMT+12', N'Dateline Standard Time'), (N'Etc/GMT+2', N'UTC-02'), (N'Etc/GMT+8', N'UTC-08'), (N'Etc/GMT+9', N'UTC-09'), (N'Etc/GMT-12', N'UTC+12'), (N'Etc/GMT-13', N'UTC+13'), (N'Etc/UTC', N'UTC'), (N'Europe/Amsterdam', N'W. Europe Standard Time'), (N'Europe/Andorra', N'W. Europe Standard Time'), (N'Europe/Astrakhan', N'Astrakhan Standard Time'), (N'Europe/Athens', N'GTB Standard Time'), (N'Europe/Belgrade', N'Central Europe Standard Time'), (N'Europe/Berlin', N'W. Europe Standard Time'), (N'Europe/Bratislava', N'Central Europe Standard Time'), (N'Europe/Brussels', N'Romance Standard Time'), (N'Europe/Bucharest', N'GTB Standard Time'), (N'Europe/Budapest', N'Central Europe Standard Time'), (N'Europe/Busingen', N'W. Europe Standard Time'), (N'Europe/Chisinau', N'E. Europe Standard Time'), (N'Europe/Copenhagen', N'Romance Standard Time'), (N'Europe/Dublin', N'GMT Standard Time'), (N'Europe/Gibraltar', N'W. Europe Standard Time'), (N'Europe/Guernsey', N'GMT Standard Time'), (N'Europe/Helsinki', N'FLE Standard Time'), (N'Europe/Isle_of_Man', N'GMT Standard Time'), (N'Europe/Istanbul', N'Turkey Standard Time'), (N'Europe/Jersey', N'GMT Standard Time'), (N'Europe/Kaliningrad', N'Kaliningrad Standard Time'), (N'Europe/Kiev', N'FLE Standard Time'), (N'Europe/Kyiv', N'FLE Standard Time'), (N'Europe/Lisbon', N'GMT Standard Time'), (N'Europe/Ljubljana', N'Central Europe Standard Time'), (N'Europe/London', N'GMT Standard Time'), (N'Europe/Luxembourg', N'W. Europe Standard Time'), (N'Europe/Madrid', N'Romance Standard Time'), (N'Europe/Malta', N'W. Europe Standard Time'), (N'Europe/Mariehamn', N'FLE Standard Time'), (N'Europe/Minsk', N'Belarus Standard Time'), (N'Europe/Monaco', N'W. Europe Standard Time'), (N'Europe/Moscow', N'Russian Standard Time'), (N'Europe/Oslo', N'W. Europe Standard Time'), (N'Europe/Paris', N'Romance Standard Time'), (N'Europe/Podgorica', N'Central Europe Standard Time'), (N'Europe/Prague', N'Central Europe Standard Time'), (N'Europe/Riga', N'FLE Standard Time'), (N'Europe/Rome', N'W. Europe Standard Time'), (N'Europe/Samara', N'Russia Time Zone 3'), (N'Europe/San_Marino', N'W. Europe Standard Time'), (N'Europe/Sarajevo', N'Central European Standard Time'), (N'Europe/Saratov', N'Saratov Standard Time'), (N'Europe/Skopje', N'Central European Standard Time'), (N'Europe/Sofia', N'FLE Standard Time'), (N'Europe/Stockholm', N'W. Europe Standard Time'), (N'Europe/Tallinn', N'FLE Standard Time'), (N'Europe/Tirane', N'Central Europe Standard Time'), (N'Europe/Vaduz', N'W. Europe Standard Time'), (N'Europe/Vatican', N'W. Europe Standard Time'), (N'Europe/Vienna', N'W. Europe Standard Time'), (N'Europe/Vilnius', N'FLE Standard Time'), (N'Europe/Volgograd', N'Volgograd Standard Time'), (N'Europe/Warsaw', N'Central European Standard Time'), (N'Europe/Zagreb', N'Central European Standard Time'), (N'Europe/Zurich', N'W. Europe Standard Time'), (N'GMT', N'UTC'), (N'Indian/Antananarivo', N'E. Africa Standard Time'), (N'Indian/Comoro', N'E. Africa Standard Time'), (N'Indian/Mahe', N'Mauritius Standard Time'), (N'Indian/Mauritius', N'Mauritius Standard Time'), (N'Indian/Mayotte', N'E. Africa Standard Time'), (N'Indian/Reunion', N'Mauritius Standard Time'), (N'Pacific/Apia', N'Samoa Standard Time'), (N'Pacific/Auckland', N'New Zealand Standard Time'), (N'Pacific/Bougainville', N'Bougainville Standard Time'), (N'Pacific/Chatham', N'Chatham Islands Standard Time'), (N'Pacific/Easter', N'Easter Island Standard Time'), (N'Pacific/Fiji', N'Fiji Standard Time'), (N'Pacific/Gambier', N'UTC-09'), (N'Pacific/Guadalcanal', N'Central Pacific Standard Time'), (N'Pacific/Honolulu', N'Hawaiian Standard Time'), (N'Pacific/Kiritimati', N'Line Islands Standard Time'), (N'Pacific/Marquesas', N'Marquesas Standard Time'), (N'Pacific/Norfolk', N'Norfolk Standard Time'), (N'Pacific/Noumea', N'Central Pacific Standard Time'), (N'Pacific/Port_Moresby', N'West Pacific Standard Time'), (N'Pacific/Tahiti', N'Hawaiian Standard Time'), (N'Pacific/Tongatapu', N'Tonga Standard Time'), (N'Pacific/Wallis', N'UTC+12'), (N'UTC', N'UTC')) w (name, windows) ON w.name = z.name)),
LOWER(CONVERT(nvarchar(36), x.[v28])),
 x.[v28],
 CONVERT(uniqueidentifier, @p1),
 x.[v28],
 x.[v28],
(CONVERT(nvarchar(max), x.[v29]) COLLATE Latin1_General_100_BIN2),
 CONVERT(varbinary(max), CONVERT(nvarchar(max), x.[v29])),
 CONVERT(xml, @p1),
 x.[v29],
 x.[v29],
(CONVERT(nvarchar(max), x.[v30]) COLLATE Latin1_General_100_BIN2),
 CONVERT(varbinary(max), CONVERT(nvarchar(max), x.[v30])),
 CONVERT(hierarchyid, @p1),
 x.[v30],
 x.[v30],
(CONVERT(nvarchar(4000), x.[v31]) COLLATE Latin1_General_100_BIN2),
 CONVERT(varbinary(max), CONVERT(nvarchar(4000), x.[v31])),
 CONVERT(sql_variant, CONVERT(nvarchar(4000), @p1)),
 x.[v31],
 x.[v31]
