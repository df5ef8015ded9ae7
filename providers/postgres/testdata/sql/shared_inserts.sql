SELECT CAST(o."key" AS text), min(o.sync), max(o.sync) FROM "registrar"."operation" AS o
WHERE o.plan_id = $1::text AND o.sync IN ($2::text, $3::text) AND o.operation = 'insert' GROUP BY 1 HAVING min(o.sync) <> max(o.sync) LIMIT 10
-- 1: p
-- 2: sync.a
-- 3: sync.b
