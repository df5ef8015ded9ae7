SELECT count(DISTINCT x.seq) FROM (SELECT o.seq AS seq, o."key" ->> '$."course_id"' AS "k0", o."key" ->> '$."student"' AS "k3", o."after" ->> '$."course_id"' AS "a0", o."after" ->> '$."student"' AS "a3" FROM "registrar_operation" AS o WHERE o.plan_id = ?1 AND o.seq > 10 AND o.seq <= 20 AND o.sync = ?2 AND o.operation = 'insert' LIMIT -1) x JOIN "link" t ON t."course_id" = CASE WHEN CAST(CAST(x.a0 AS INTEGER) AS TEXT) = x.a0 THEN CAST(x.a0 AS INTEGER) ELSE x.a0 END AND t."student" = x.a3 WHERE ((CASE WHEN t."origin" = ?3 AND EXISTS (SELECT 1 FROM "course" o WHERE o."id" = t."course_id" AND o."origin" = ?4) AND (t."course_id", t."student") IN (SELECT CASE WHEN CAST(CAST(x.k0 AS INTEGER) AS TEXT) = x.k0 THEN CAST(x.k0 AS INTEGER) ELSE x.k0 END, x.k3 FROM (SELECT o.seq AS seq, o."key" ->> '$."course_id"' AS "k0", o."key" ->> '$."student"' AS "k3" FROM "registrar_operation" AS o WHERE o.plan_id = ?5 AND o.seq > 10 AND o.seq <= 20 AND o.sync = ?6 AND o.operation = 'delete' LIMIT -1) x WHERE x.seq IN (SELECT h."seq" FROM "temp"."stage_2_h" h)) THEN 1 ELSE 0 END = 1))
-- 1: p
-- 2: sync.links
-- 3: OURS
-- 4: OURS
-- 5: p
-- 6: sync.links
