INSERT INTO "registrar_finding" (plan_id, seq, sync, kind, "key", detail)
SELECT ?1, 10 + row_number() OVER (ORDER BY (CAST(x."key" AS text)) COLLATE BINARY, (CAST(x.operation AS text)) COLLATE BINARY), ?2, 'held_back', x."key", json_object('operation', x.operation) FROM "registrar_operation" x WHERE x.plan_id = ?3 AND x.seq > 10 AND x.seq <= 20 AND x.seq IN (SELECT h."seq" FROM "temp"."stage_2_h" h)
-- 1: p
-- 2: sync.links
-- 3: p
