INSERT INTO "temp"."stage_2_v" ("course_id", "student") SELECT CASE WHEN CAST(CAST(x.k0 AS INTEGER) AS TEXT) = x.k0 THEN CAST(x.k0 AS INTEGER) ELSE x.k0 END, x.k3 FROM (SELECT o.seq AS seq, o."key" ->> '$."course_id"' AS "k0", o."key" ->> '$."student"' AS "k3", o."before" ->> '$."course_id"' AS "b0", o."after" ->> '$."course_id"' AS "a0" FROM "registrar_operation" AS o WHERE o.plan_id = ?1 AND o.seq > 10 AND o.seq <= 20 AND o.sync = ?2 AND o.operation = 'rename' LIMIT -1) x WHERE (x.a0 IS DISTINCT FROM x.b0)
-- 1: p
-- 2: sync.links
