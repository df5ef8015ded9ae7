SELECT CAST(o."key" AS TEXT), min(o.sync), max(o.sync) FROM "registrar_operation" AS o
WHERE o.plan_id = ?1 AND o.sync IN (?2, ?3) AND o.operation = 'insert' GROUP BY 1 HAVING min(o.sync) <> max(o.sync) LIMIT 10
-- 1: p
-- 2: sync.a
-- 3: sync.b
