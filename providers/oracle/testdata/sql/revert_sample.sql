SELECT o."KEY", o."BEFORE", o."AFTER", o.result FROM "REGISTRAR_OPERATION" o WHERE o.plan_id = :1 AND o.seq > 10 AND o.seq <= 20 AND o.sync = :2 AND o.operation = 'archive' AND o.result IS NULL ORDER BY o.seq OFFSET 10 ROWS FETCH NEXT 20 ROWS ONLY
-- 1: p
-- 2: sync.rooms["hss"]
