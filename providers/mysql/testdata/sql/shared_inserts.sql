SELECT a.doc, min(a.sync), max(a.sync) FROM (SELECT (CONVERT(CAST(o.`key` AS char) USING utf8mb4) COLLATE utf8mb4_nopad_bin) AS doc, o.sync AS sync FROM `registrar_operation` o WHERE o.plan_id = ? AND o.seq > 0 AND o.seq <= 10 AND o.operation IN ('insert', 'adopt') UNION ALL SELECT (CONVERT(CAST(o.`key` AS char) USING utf8mb4) COLLATE utf8mb4_nopad_bin) AS doc, o.sync AS sync FROM `registrar_operation` o WHERE o.plan_id = ? AND o.seq > 10 AND o.seq <= 20 AND o.operation IN ('insert', 'adopt')) a GROUP BY a.doc HAVING min(a.sync) <> max(a.sync) ORDER BY 1 LIMIT 10
-- 1: p
-- 2: p
