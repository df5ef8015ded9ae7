SELECT (SELECT CAST(o."key" AS text) FROM "registrar_operation" o WHERE o.plan_id = ?1 AND o.seq = g.gone), (SELECT CAST(o."key" AS text) FROM "registrar_operation" o WHERE o.plan_id = ?2 AND o.seq = g.added) FROM (SELECT min(CASE r.side WHEN 0 THEN r.seq END) AS gone, min(CASE r.side WHEN 1 THEN r.seq END) AS added FROM (SELECT 0 AS side, x.seq AS seq, replace(x.b1, x.k0, '') c0 FROM (SELECT o.seq AS seq, o."key" ->> '$."code"' AS "k0", o."before" ->> '$."category"' AS "b1", o."after" ->> '$."gone_on"' AS "a1" FROM "registrar_operation" AS o WHERE o.plan_id = ?3 AND o.seq > 0 AND o.seq <= 10 AND o.sync = ?4 AND o.operation = 'archive' LIMIT -1) x UNION ALL SELECT 1 AS side, x.seq AS seq, replace(x.a1, x.k0, '') c0 FROM (SELECT o.seq AS seq, o."key" ->> '$."code"' AS "k0", o."after" ->> '$."category"' AS "a1" FROM "registrar_operation" AS o WHERE o.plan_id = ?5 AND o.seq > 0 AND o.seq <= 10 AND o.sync = ?6 AND o.operation = 'insert' LIMIT -1) x) r WHERE (r.c0 IS NOT NULL) GROUP BY r.c0 HAVING count(*) = 2 AND sum(r.side) = 1 ORDER BY 1 LIMIT 10) g
-- 1: p
-- 2: p
-- 3: p
-- 4: sync.courses
-- 5: p
-- 6: sync.courses
