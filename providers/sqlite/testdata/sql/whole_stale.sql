SELECT q."key" FROM "registrar_operation" q WHERE q.plan_id = ?1 AND q.seq IN (SELECT x.seq FROM (SELECT o.seq AS seq, o."after" ->> '$."a\"b]c"' AS "a0", o."after" ->> '$."year"' AS "a1", o."after" ->> '$."origin"' AS "a5" FROM "registrar_operation" AS o WHERE o.plan_id = ?2 AND o.seq > 10 AND o.seq <= 20 AND o.sync = ?3 AND o.operation = 'insert' LIMIT -1) x WHERE EXISTS (SELECT 1 FROM "room" t WHERE ((t."a""b]c" = x.a0 AND t."year" = CASE WHEN CAST(CAST(x.a1 AS INTEGER) AS TEXT) = x.a1 THEN CAST(x.a1 AS INTEGER) ELSE x.a1 END AND t."origin" = x.a5)))) ORDER BY q.seq LIMIT 10
-- 1: p
-- 2: p
-- 3: sync.rooms["hss"]
