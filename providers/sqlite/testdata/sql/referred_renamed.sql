SELECT q."key" FROM "registrar_operation" q WHERE q.plan_id = ?1 AND q.seq IN (SELECT x.seq FROM (SELECT o.seq AS seq, o."key" ->> '$."code"' AS "k0", o."after" ->> '$."code"' AS "a0" FROM "registrar_operation" AS o WHERE o.plan_id = ?2 AND o.seq > 0 AND o.seq <= 10 AND o.sync = ?3 AND o.operation = 'rename' LIMIT -1) x JOIN "course" t ON t."code" = x.k0 AND t."origin" = ?4 JOIN "link" f ON t."code" = f."student" WHERE (t."code" IS DISTINCT FROM x.a0) AND 1 = 1 AND (CASE WHEN (f."origin" = ?5 AND EXISTS (SELECT 1 FROM "course" o WHERE o."id" = f."course_id" AND o."origin" = ?6) AND (f."course_id", f."student") IN (SELECT CASE WHEN CAST(CAST(x.k0 AS INTEGER) AS TEXT) = x.k0 THEN CAST(x.k0 AS INTEGER) ELSE x.k0 END, x.k3 FROM (SELECT o.seq AS seq, o."key" ->> '$."course_id"' AS "k0", o."key" ->> '$."student"' AS "k3" FROM "registrar_operation" AS o WHERE o.plan_id = ?7 AND o.seq > 10 AND o.seq <= 20 AND o.sync = ?8 AND o.operation = 'delete' LIMIT -1) x WHERE 1 = 1)) THEN 1 ELSE 0 END = 0)) ORDER BY q.seq LIMIT 10
-- 1: p
-- 2: p
-- 3: sync.courses
-- 4: OURS
-- 5: OURS
-- 6: OURS
-- 7: p
-- 8: sync.links
