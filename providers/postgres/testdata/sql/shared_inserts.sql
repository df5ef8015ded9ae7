SELECT CAST(o."key" AS text), min(o.sync), max(o.sync) FROM "registrar"."operation" AS o
WHERE o.plan_id = $1::text AND o.table_name = $2::text AND o.operation = 'insert' GROUP BY 1 HAVING min(o.sync) <> max(o.sync) LIMIT 10
-- 1: p
-- 2: room
