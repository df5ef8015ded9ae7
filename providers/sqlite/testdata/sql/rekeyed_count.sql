SELECT count(*), count(DISTINCT g."seq") FROM "link" f JOIN "temp"."stage_2_k" g ON g."p0" = f."student" WHERE 1 = 1 AND (CASE WHEN (f."origin" = ?1 AND EXISTS (SELECT 1 FROM "course" o WHERE o."id" = f."course_id" AND o."origin" = ?2) AND (f."course_id", f."student") IN (SELECT CASE WHEN CAST(CAST(x.k0 AS INTEGER) AS TEXT) = x.k0 THEN CAST(x.k0 AS INTEGER) ELSE x.k0 END, x.k3 FROM (SELECT o.seq AS seq, o."key" ->> '$."course_id"' AS "k0", o."key" ->> '$."student"' AS "k3" FROM "registrar_operation" AS o WHERE o.plan_id = ?3 AND o.seq > 10 AND o.seq <= 20 AND o.sync = ?4 AND o.operation = 'delete' LIMIT -1) x WHERE 1 = 1)) THEN 1 ELSE 0 END = 0)
-- 1: OURS
-- 2: OURS
-- 3: p
-- 4: sync.links
