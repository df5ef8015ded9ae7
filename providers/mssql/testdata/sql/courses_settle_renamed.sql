UPDATE s SET [registrar skip] = coalesce(s.[registrar skip], 'renamed'), [code] = v.f0 FROM [registrar_staging].[stage_2_0] s CROSS JOIN (SELECT 0 AS n, @p1 AS f0, @p2 AS g0 UNION ALL SELECT 1 AS n, @p3 AS f0, @p4 AS g0) v WHERE s.[code] = v.g0
-- 1: A
-- 2: B
-- 3: C
-- 4: D
