INSERT INTO "registrar_operation" (plan_id, seq, sync, table_name, operation, "key", "before", "after")
SELECT ?1, 10 + row_number() OVER (), ?2, ?3, d.operation, d.doc_key, d.doc_before, d.doc_after
FROM (SELECT m.operation AS operation, CASE m.operation WHEN 'insert' THEN json_object('code', CASE typeof(m.s0) WHEN 'blob' THEN '\x' || lower(hex(m.s0)) ELSE m.s0 END) ELSE json_object('code', CASE typeof(m.t1) WHEN 'blob' THEN '\x' || lower(hex(m.t1)) ELSE m.t1 END) END AS doc_key, CASE m.operation WHEN 'rename' THEN json_object('code', CASE typeof(m.t1) WHEN 'blob' THEN '\x' || lower(hex(m.t1)) ELSE m.t1 END, 'category', CASE typeof(m.t3) WHEN 'blob' THEN '\x' || lower(hex(m.t3)) ELSE m.t3 END) WHEN 'undelete' THEN json_object('code', CASE typeof(m.t1) WHEN 'blob' THEN '\x' || lower(hex(m.t1)) ELSE m.t1 END, 'category', CASE typeof(m.t3) WHEN 'blob' THEN '\x' || lower(hex(m.t3)) ELSE m.t3 END) END AS doc_before, CASE m.operation WHEN 'rename' THEN json_object('code', CASE typeof(m.s0) WHEN 'blob' THEN '\x' || lower(hex(m.s0)) ELSE m.s0 END, 'category', CASE typeof(m.s1) WHEN 'blob' THEN '\x' || lower(hex(m.s1)) ELSE m.s1 END) WHEN 'undelete' THEN json_object('code', CASE typeof(m.s0) WHEN 'blob' THEN '\x' || lower(hex(m.s0)) ELSE m.s0 END, 'category', CASE typeof(m.s1) WHEN 'blob' THEN '\x' || lower(hex(m.s1)) ELSE m.s1 END) END AS doc_after FROM (SELECT * FROM (SELECT CASE WHEN (CASE WHEN (t."category" = ?4 AND t."gone_on" IS NOT NULL) THEN 1 ELSE 0 END = 1) THEN 'undelete' ELSE 'rename' END AS operation, s."code" AS s0, s."category" AS s1, t."id" AS t0, t."code" AS t1, t."up" AS t2, t."category" AS t3, t."origin" AS t4, t."gone_on" AS t5 FROM (SELECT 0 AS n, ?5 AS f0, ?6 AS g0 UNION ALL SELECT 1 AS n, ?7 AS f0, ?8 AS g0) v JOIN "temp"."stage_2_0" s ON s."code" = v.g0 JOIN (SELECT r."id", r."code", r."up", r."category", r."origin", r."gone_on" FROM "course" r WHERE r."origin" = ?9) t ON t."code" = v.f0 WHERE s."registrar skip" IS NULL) w WHERE NOT (w.operation <> 'insert' AND (CASE WHEN w.t1 IN (?10, ?11) THEN 1 ELSE 0 END = 1))) m) d
-- 1: p
-- 2: sync.courses
-- 3: course
-- 4: ARCHIVE
-- 5: A
-- 6: B
-- 7: C
-- 8: D
-- 9: OURS
-- 10: A
-- 11: B"b
