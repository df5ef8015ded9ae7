SELECT a.doc, min(a.sync), max(a.sync) FROM (SELECT CAST(o."key" AS text) AS doc, o.sync AS sync FROM "registrar_operation" o WHERE o.plan_id = ?1 AND o.seq > 0 AND o.seq <= 10 AND o.operation IN ('insert', 'adopt') UNION ALL SELECT CAST(o."key" AS text) AS doc, o.sync AS sync FROM "registrar_operation" o WHERE o.plan_id = ?2 AND o.seq > 10 AND o.seq <= 20 AND o.operation IN ('insert', 'adopt')) a GROUP BY a.doc HAVING min(a.sync) <> max(a.sync) ORDER BY 1 LIMIT 10
-- 1: p
-- 2: p
