SELECT count(*), count(DISTINCT g.[seq]) FROM [link] f JOIN [registrar_staging].[stage_2_g] g ON f.[course_id] = g.[p0] WHERE 1 = 1 AND NOT EXISTS (SELECT 1 FROM [registrar_staging].[stage_2_v] l WHERE l.[course_id] = f.[course_id] AND l.[student] = f.[student] AND CONVERT(varbinary(max), CONVERT(nvarchar(max), f.[origin])) = CONVERT(varbinary(max), CONVERT(nvarchar(max), @p1)) AND EXISTS (SELECT 1 FROM [course] o WHERE o.[id] = f.[course_id] AND CONVERT(varbinary(max), CONVERT(nvarchar(max), o.[origin])) = CONVERT(varbinary(max), CONVERT(nvarchar(max), @p2))))
-- 1: OURS
-- 2: OURS
