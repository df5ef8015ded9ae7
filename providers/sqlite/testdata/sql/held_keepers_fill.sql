INSERT INTO "temp"."stage_2_b" ("seq", "v0", "v1") SELECT x.seq, CASE WHEN CAST(CAST(x.k0 AS INTEGER) AS TEXT) = x.k0 THEN CAST(x.k0 AS INTEGER) ELSE x.k0 END, x.k3 FROM (SELECT o.seq AS seq, o."key" ->> '$."course_id"' AS "k0", o."key" ->> '$."student"' AS "k3" FROM "registrar_operation" AS o WHERE o.plan_id = ?1 AND o.seq > 10 AND o.seq <= 20 AND o.sync = ?2 AND o.operation = 'adopt' LIMIT -1) x WHERE 1 = 1
-- 1: p
-- 2: sync.links
