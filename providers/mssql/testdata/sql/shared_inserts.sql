SELECT a.doc, min(a.sync), max(a.sync) FROM (SELECT CONVERT(nvarchar(max), o.[key]) AS doc, o.sync AS sync FROM [registrar].[operation] o WHERE o.plan_id = @p1 AND o.seq > 0 AND o.seq <= 10 AND o.operation IN ('insert', 'adopt') UNION ALL SELECT CONVERT(nvarchar(max), o.[key]) AS doc, o.sync AS sync FROM [registrar].[operation] o WHERE o.plan_id = @p2 AND o.seq > 10 AND o.seq <= 20 AND o.operation IN ('insert', 'adopt')) a GROUP BY a.doc HAVING min(a.sync) <> max(a.sync) ORDER BY 1 OFFSET 0 ROWS FETCH NEXT 10 ROWS ONLY
-- 1: p
-- 2: p
