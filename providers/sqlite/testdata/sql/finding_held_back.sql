INSERT INTO "registrar_finding" (plan_id, seq, sync, kind, "key", detail)
SELECT ?1, 10 + row_number() OVER (), ?2, 'held_back', o."key", json_object('operation', o.operation) FROM "registrar_operation" AS o WHERE o.plan_id = ?3 AND o.seq > 10 AND o.seq <= 20 AND o.operation IN ('archive', 'delete', 'purge')
-- 1: p
-- 2: sync.links
-- 3: p
