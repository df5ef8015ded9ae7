INSERT INTO "registrar_finding" (plan_id, seq, sync, kind, "key", detail)
SELECT ?1, 10 + row_number() OVER (ORDER BY (CAST(d.doc_key AS text)) COLLATE BINARY, (CAST(d.operation AS text)) COLLATE BINARY), ?2, 'protected', d.doc_key, json_object('operation', d.operation)
FROM (SELECT m.operation AS operation, CASE m.operation WHEN 'insert' THEN json_object('code', CASE typeof(m.s0) WHEN 'blob' THEN '\x' || lower(hex(m.s0)) ELSE m.s0 END) ELSE json_object('code', CASE typeof(m.t1) WHEN 'blob' THEN '\x' || lower(hex(m.t1)) ELSE m.t1 END) END AS doc_key FROM (SELECT * FROM (SELECT CASE WHEN (CASE WHEN (t."category" = ?3 AND t."gone_on" IS NOT NULL) THEN 1 ELSE 0 END = 1) THEN 'undelete' ELSE 'rename' END AS operation, s."code" AS s0, s."category" AS s1, t."id" AS t0, t."code" AS t1, t."up" AS t2, t."category" AS t3, t."origin" AS t4, t."gone_on" AS t5 FROM (SELECT 0 AS n, ?4 AS f0, ?5 AS g0 UNION ALL SELECT 1 AS n, ?6 AS f0, ?7 AS g0) v JOIN "temp"."stage_2_0" s ON s."code" = v.g0 JOIN (SELECT r."id", r."code", r."up", r."category", r."origin", r."gone_on" FROM "course" r WHERE r."origin" = ?8) t ON t."code" = v.f0 WHERE s."registrar skip" IS NULL) w WHERE (w.operation <> 'insert' AND (CASE WHEN w.t1 IN (?9, ?10) THEN 1 ELSE 0 END = 1))) m) d
-- 1: p
-- 2: sync.courses
-- 3: ARCHIVE
-- 4: A
-- 5: B
-- 6: C
-- 7: D
-- 8: OURS
-- 9: A
-- 10: B"b
