SELECT count(*) FROM (SELECT o.seq AS seq, o."after" ->> '$."course_id"' AS "a0", o."after" ->> '$."course_id.code"' AS "a1", o."after" ->> '$."course_id.origin"' AS "a2", o."after" ->> '$."up_id"' AS "a7", o."after" ->> '$."up_id.student"' AS "a8" FROM "registrar_operation" AS o WHERE o.plan_id = ?1 AND o.seq > 10 AND o.seq <= 20 AND o.sync = ?2 AND o.operation = 'insert' LIMIT -1) x LEFT JOIN "course" p0 ON NOT ((CASE WHEN (p0."category" = ?3 AND p0."gone_on" IS NOT NULL) THEN 1 ELSE 0 END = 1)) AND p0."code" = x.a1 AND p0."origin" = x.a2 AND (x.a0 IS NULL OR p0."id" = CASE WHEN CAST(CAST(x.a0 AS INTEGER) AS TEXT) = x.a0 THEN CAST(x.a0 AS INTEGER) ELSE x.a0 END) LEFT JOIN "link" p7 ON NOT 1 = 0 AND p7."student" = x.a8 AND x.a7 IS NULL WHERE (NOT EXISTS (SELECT 1 FROM "course" o WHERE o."id" = p0."id" AND o."origin" = ?4))
-- 1: p
-- 2: sync.links
-- 3: ARCHIVE
-- 4: OURS
