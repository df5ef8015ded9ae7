SELECT count(*) FROM (SELECT o.seq AS seq, o."key" AS "held_key", o."key" ->> '$."a\"b]c"' || '' AS "k0", o."key" ->> '$."year"' || '' AS "k1", o."before" AS "held_before", o."after" AS "held_after" FROM "registrar_operation" AS o WHERE o.plan_id = ?1 AND o.seq > 10 AND o.seq <= 20 AND o.sync = ?2 AND o.operation = 'archive' AND o.result IS NULL LIMIT -1) x WHERE ((x.k0 = ?3 AND x.k1 = ?4 OR x.k0 = ?5 AND x.k1 = ?6))
-- 1: p
-- 2: sync.rooms["hss"]
-- 3: A
-- 4: 1
-- 5: A
-- 6: 1
