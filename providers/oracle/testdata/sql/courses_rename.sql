INSERT INTO "REGISTRAR_OPERATION" (plan_id, seq, sync, table_name, operation, "KEY", "BEFORE", "AFTER")
SELECT :1, 10 + row_number() OVER (ORDER BY NULL), :2, :3, d.operation, d.doc_key, d.doc_before, d.doc_after
FROM (SELECT m.operation AS operation, CASE m.operation WHEN 'insert' THEN JSON_OBJECT(KEY 'code' VALUE m.s0 NULL ON NULL RETURNING CLOB) ELSE JSON_OBJECT(KEY 'code' VALUE m.t1 NULL ON NULL RETURNING CLOB) END AS doc_key, CASE m.operation WHEN 'rename' THEN JSON_OBJECT(KEY 'code' VALUE m.t1, KEY 'category' VALUE m.t3 NULL ON NULL RETURNING CLOB) WHEN 'undelete' THEN JSON_OBJECT(KEY 'code' VALUE m.t1, KEY 'category' VALUE m.t3 NULL ON NULL RETURNING CLOB) END AS doc_before, CASE m.operation WHEN 'rename' THEN JSON_OBJECT(KEY 'code' VALUE m.s0, KEY 'category' VALUE m.s1 NULL ON NULL RETURNING CLOB) WHEN 'undelete' THEN JSON_OBJECT(KEY 'code' VALUE m.s0, KEY 'category' VALUE m.s1 NULL ON NULL RETURNING CLOB) END AS doc_after FROM (SELECT * FROM (SELECT CASE WHEN (CASE WHEN (t."CATEGORY" = :4 AND t."GONE_ON" IS NOT NULL) THEN 1 ELSE 0 END = 1) THEN 'undelete' ELSE 'rename' END AS operation, s."CODE" AS s0, s."CATEGORY" AS s1, t."ID" AS t0, t."CODE" AS t1, t."UP" AS t2, t."CATEGORY" AS t3, t."ORIGIN" AS t4, t."GONE_ON" AS t5 FROM (SELECT 0 AS n, :5 AS f0, :6 AS g0 FROM DUAL UNION ALL SELECT 1 AS n, :7 AS f0, :8 AS g0 FROM DUAL) v JOIN "REGISTRAR_STAGE_STAGE_2_0" s ON s."CODE" = v.g0 JOIN (SELECT r."ID", r."CODE", r."UP", r."CATEGORY", r."ORIGIN", r."GONE_ON" FROM "COURSE" r WHERE r."ORIGIN" = :9) t ON t."CODE" = v.f0 WHERE s."registrar skip" IS NULL) w WHERE NOT (w.operation <> 'insert' AND (CASE WHEN w.t1 IN (:10, :11) THEN 1 ELSE 0 END = 1))) m) d
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
