UPDATE OR ABORT "course" AS t SET "code" = x.a0, "category" = x.a1 FROM (SELECT o.seq AS seq, o."key" ->> '$."code"' AS "k0", o."before" ->> '$."code"' AS "b0", o."before" ->> '$."category"' AS "b1", o."after" ->> '$."code"' AS "a0", o."after" ->> '$."category"' AS "a1" FROM "registrar_operation" AS o WHERE o.plan_id = ?1 AND o.seq > 10 AND o.seq <= 20 AND o.sync = ?2 AND o.operation = 'rename' LIMIT -1) x WHERE t."code" = x.k0 AND t."origin" = ?3 AND NOT (CASE WHEN t."code" IN (?4, ?5) THEN 1 ELSE 0 END = 1) AND NOT (CASE WHEN (t."category" = ?6 AND t."gone_on" IS NOT NULL) THEN 1 ELSE 0 END = 1) AND CASE typeof(t."code") WHEN 'blob' THEN '\x' || lower(hex(t."code")) ELSE t."code" END IS NOT DISTINCT FROM x.b0 AND CASE typeof(t."category") WHEN 'blob' THEN '\x' || lower(hex(t."category")) ELSE t."category" END IS NOT DISTINCT FROM x.b1
-- 1: p
-- 2: sync.courses
-- 3: OURS
-- 4: A
-- 5: B"b
-- 6: ARCHIVE
