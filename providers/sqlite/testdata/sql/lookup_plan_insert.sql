INSERT INTO "temp"."stage_2_p" ("live", "b0", "b1") SELECT 1, x.a0, x.a2 FROM (SELECT o.seq AS seq, o."after" ->> '$."code"' AS "a0", o."after" ->> '$."origin"' AS "a2" FROM "registrar_operation" AS o WHERE o.plan_id = ?1 AND o.seq > 10 AND o.seq <= 20 AND o.sync = ?2 AND o.operation = 'insert' LIMIT -1) x
-- 1: p
-- 2: sync.courses
