SELECT (CONVERT(nvarchar(max), s.[course_id.code]) COLLATE Latin1_General_100_BIN2), (CONVERT(nvarchar(max), s.[course_id.origin]) COLLATE Latin1_General_100_BIN2), (CONVERT(nvarchar(max), s.[student]) COLLATE Latin1_General_100_BIN2) FROM [registrar_staging].[stage_2_l] s WHERE s.[course_id.code] = @p1 AND s.[course_id.origin] = @p2 AND s.[student] = @p3 ORDER BY 1 OFFSET 0 ROWS FETCH NEXT 10 ROWS ONLY
-- 1: A
-- 2: OURS
-- 3: S
