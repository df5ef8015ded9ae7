SELECT o."key", o."before", o."after", o.result FROM "registrar_operation" o WHERE o.plan_id = ?1 AND o.seq > 10 AND o.seq <= 20 AND o.sync = ?2 AND o.operation = 'archive' AND o.result IS NULL ORDER BY o.seq LIMIT 20 OFFSET 10
-- 1: p
-- 2: sync.rooms["hss"]
