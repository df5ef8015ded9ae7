INSERT INTO "temp"."stage_2_h" ("seq") SELECT DISTINCT x.seq FROM (SELECT o.seq AS seq, o."key" ->> '$."course_id"' AS "k0", o."key" ->> '$."student"' AS "k3" FROM "registrar_operation" AS o WHERE o.plan_id = ?1 AND o.seq > 10 AND o.seq <= 20 AND o.sync = ?2 AND o.operation = 'delete' LIMIT -1) x JOIN "link" t ON t."course_id" = CASE WHEN CAST(CAST(x.k0 AS INTEGER) AS TEXT) = x.k0 THEN CAST(x.k0 AS INTEGER) ELSE x.k0 END AND t."student" = x.k3 AND t."origin" = ?3 AND EXISTS (SELECT 1 FROM "course" o WHERE o."id" = t."course_id" AND o."origin" = ?4) WHERE EXISTS (SELECT 1 FROM "link" f WHERE f."up_id" = t."id" AND NOT (f."id" = t."id") AND NOT (CASE WHEN f."origin" = ?5 AND EXISTS (SELECT 1 FROM "course" o WHERE o."id" = f."course_id" AND o."origin" = ?6) AND (f."course_id", f."student") IN (SELECT CASE WHEN CAST(CAST(x.k0 AS INTEGER) AS TEXT) = x.k0 THEN CAST(x.k0 AS INTEGER) ELSE x.k0 END, x.k3 FROM (SELECT o.seq AS seq, o."key" ->> '$."course_id"' AS "k0", o."key" ->> '$."student"' AS "k3" FROM "registrar_operation" AS o WHERE o.plan_id = ?7 AND o.seq > 10 AND o.seq <= 20 AND o.sync = ?8 AND o.operation = 'delete' LIMIT -1) x WHERE NOT x.seq IN (SELECT h."seq" FROM "temp"."stage_2_h" h)) THEN 1 ELSE 0 END = 1)) AND NOT x.seq IN (SELECT h."seq" FROM "temp"."stage_2_h" h)
-- 1: p
-- 2: sync.links
-- 3: OURS
-- 4: OURS
-- 5: OURS
-- 6: OURS
-- 7: p
-- 8: sync.links
