INSERT INTO "temp"."stage_2_n" ("seq", "needed") SELECT x.seq, y."seq" FROM (SELECT o.seq AS seq, o."after" ->> '$."course_id.code"' AS "a1", o."after" ->> '$."course_id.origin"' AS "a2" FROM "registrar_operation" AS o WHERE o.plan_id = ?1 AND o.seq > 10 AND o.seq <= 20 AND o.sync = ?2 AND o.operation = 'insert' LIMIT -1) x JOIN "temp"."stage_1_b" y ON x.a1 = y."v0" AND x.a2 = y."v1" WHERE 1 = 1
-- 1: p
-- 2: sync.links
