INSERT INTO [registrar_staging].[stage_2_p] ([ref], [then], [live], [b0], [b1]) SELECT p.[id], p.[id], 0, v.f0, p.[origin] FROM (SELECT 0 AS n, @p1 AS f0, @p2 AS g0 UNION ALL SELECT 1 AS n, @p3 AS f0, @p4 AS g0) v JOIN [course] p ON (p.[code] = v.f0 OR p.[code] = v.g0) WHERE CONVERT(varbinary(max), CONVERT(nvarchar(max), p.[origin])) = CONVERT(varbinary(max), CONVERT(nvarchar(max), @p5))
-- 1: A
-- 2: B
-- 3: C
-- 4: D
-- 5: OURS
