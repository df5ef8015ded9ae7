INSERT INTO "registrar_finding" (plan_id, seq, sync, kind, "key", detail)
SELECT ?1, 10 + row_number() OVER (ORDER BY (CAST(d.doc_key AS text)) COLLATE BINARY, (CAST(d.operation AS text)) COLLATE BINARY), ?2, 'protected', d.doc_key, json_object('operation', d.operation)
FROM (SELECT m.operation AS operation, CASE m.operation WHEN 'insert' THEN json_object('code', CASE typeof(m.s0) WHEN 'blob' THEN '\x' || lower(hex(m.s0)) ELSE m.s0 END) ELSE json_object('code', CASE typeof(m.t1) WHEN 'blob' THEN '\x' || lower(hex(m.t1)) ELSE m.t1 END) END AS doc_key FROM (SELECT * FROM (SELECT CASE WHEN t."code" IS NULL THEN 'insert' WHEN s."code" IS NULL AND ((CASE WHEN (t."category" = ?3 AND t."gone_on" IS NOT NULL) THEN 1 ELSE 0 END = 1) AND t."gone_on" IS NOT NULL AND t."gone_on" <= ?4) THEN 'purge' WHEN s."code" IS NULL THEN 'archive' WHEN (CASE WHEN (t."category" = ?5 AND t."gone_on" IS NOT NULL) THEN 1 ELSE 0 END = 1) THEN 'undelete' ELSE 'update' END AS operation, s."code" AS s0, s."category" AS s1, t."id" AS t0, t."code" AS t1, t."up" AS t2, t."category" AS t3, t."origin" AS t4, t."gone_on" AS t5 FROM "temp"."stage_2_0" s LEFT JOIN (SELECT r."id", r."code", r."up", r."category", r."origin", r."gone_on" FROM "course" r WHERE r."origin" = ?6) t ON t."code" = s."code" WHERE (t."code" IS NULL AND s."registrar skip" IS NULL OR s."code" IS NOT NULL AND t."code" IS NOT NULL AND s."registrar skip" IS NULL AND ((CASE WHEN (t."category" = ?7 AND t."gone_on" IS NOT NULL) THEN 1 ELSE 0 END = 1) OR s."category" IS DISTINCT FROM t."category")) UNION ALL SELECT CASE WHEN t."code" IS NULL THEN 'insert' WHEN s."code" IS NULL AND ((CASE WHEN (t."category" = ?8 AND t."gone_on" IS NOT NULL) THEN 1 ELSE 0 END = 1) AND t."gone_on" IS NOT NULL AND t."gone_on" <= ?9) THEN 'purge' WHEN s."code" IS NULL THEN 'archive' WHEN (CASE WHEN (t."category" = ?10 AND t."gone_on" IS NOT NULL) THEN 1 ELSE 0 END = 1) THEN 'undelete' ELSE 'update' END AS operation, s."code" AS s0, s."category" AS s1, t."id" AS t0, t."code" AS t1, t."up" AS t2, t."category" AS t3, t."origin" AS t4, t."gone_on" AS t5 FROM (SELECT r."id", r."code", r."up", r."category", r."origin", r."gone_on" FROM "course" r WHERE r."origin" = ?11) t LEFT JOIN "temp"."stage_2_0" s ON t."code" = s."code" WHERE (s."code" IS NULL AND ((CASE WHEN (t."category" = ?12 AND t."gone_on" IS NOT NULL) THEN 1 ELSE 0 END = 1) AND t."gone_on" IS NOT NULL AND t."gone_on" <= ?13) OR s."code" IS NULL AND NOT (CASE WHEN (t."category" = ?14 AND t."gone_on" IS NOT NULL) THEN 1 ELSE 0 END = 1))) w WHERE (w.operation <> 'insert' AND (CASE WHEN w.t1 IN (?15, ?16) THEN 1 ELSE 0 END = 1))) m) d
-- 1: p
-- 2: sync.courses
-- 3: ARCHIVE
-- 4: 2025-09-01 02:30:00Z
-- 5: ARCHIVE
-- 6: OURS
-- 7: ARCHIVE
-- 8: ARCHIVE
-- 9: 2025-09-01 02:30:00Z
-- 10: ARCHIVE
-- 11: OURS
-- 12: ARCHIVE
-- 13: 2025-09-01 02:30:00Z
-- 14: ARCHIVE
-- 15: A
-- 16: B"b
