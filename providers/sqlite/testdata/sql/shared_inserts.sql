SELECT CAST(o."key" AS TEXT), min(o.sync), max(o.sync) FROM "registrar_operation" AS o
WHERE o.plan_id = ?1 AND o.table_name = ?2 AND o.operation = 'insert' GROUP BY 1 HAVING min(o.sync) <> max(o.sync) LIMIT 10
-- 1: p
-- 2: room
