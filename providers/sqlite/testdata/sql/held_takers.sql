INSERT INTO "temp"."stage_2_n" ("seq", "needed") SELECT x.seq, y."seq" FROM (SELECT o.seq AS seq, o."after" ->> '$."course_id"' AS "a0", o."after" ->> '$."student"' AS "a3" FROM "registrar_operation" AS o WHERE o.plan_id = ?1 AND o.seq > 10 AND o.seq <= 20 AND o.sync = ?2 AND o.operation = 'insert' LIMIT -1) x JOIN "link" t ON t."course_id" = CASE WHEN CAST(CAST(x.a0 AS INTEGER) AS TEXT) = x.a0 THEN CAST(x.a0 AS INTEGER) ELSE x.a0 END AND t."student" = x.a3 JOIN "temp"."stage_2_b" y ON y."v0" = t."course_id" AND y."v1" = t."student" WHERE (t."origin" IS DISTINCT FROM ?3 OR NOT EXISTS (SELECT 1 FROM "course" o WHERE o."id" = t."course_id" AND o."origin" = ?4))
-- 1: p
-- 2: sync.links
-- 3: OURS
-- 4: OURS
