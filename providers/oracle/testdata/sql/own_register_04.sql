SELECT o.sync, o.operation, count(*), count(CASE WHEN o.result IS NOT NULL THEN 1 END) FROM "REGISTRAR_OPERATION" o WHERE o.plan_id = :1 GROUP BY o.sync, o.operation
