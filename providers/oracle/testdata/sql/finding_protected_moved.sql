INSERT INTO "REGISTRAR_FINDING" (plan_id, seq, sync, kind, "KEY", detail)
SELECT :1, 10 + row_number() OVER (ORDER BY CAST(d.doc_key AS VARCHAR2(4000)), CAST(d.operation AS VARCHAR2(4000))), :2, 'protected', d.doc_key, JSON_OBJECT(KEY 'operation' VALUE d.operation NULL ON NULL RETURNING CLOB)
FROM (SELECT m.operation AS operation, CASE m.operation WHEN 'insert' THEN JSON_OBJECT(KEY 'code' VALUE m.s0 NULL ON NULL RETURNING CLOB) ELSE JSON_OBJECT(KEY 'code' VALUE m.t1 NULL ON NULL RETURNING CLOB) END AS doc_key FROM (SELECT * FROM (SELECT CASE WHEN (CASE WHEN (t."CATEGORY" = :3 AND t."GONE_ON" IS NOT NULL) THEN 1 ELSE 0 END = 1) THEN 'undelete' ELSE 'rename' END AS operation, s."CODE" AS s0, s."CATEGORY" AS s1, t."ID" AS t0, t."CODE" AS t1, t."UP" AS t2, t."CATEGORY" AS t3, t."ORIGIN" AS t4, t."GONE_ON" AS t5 FROM (SELECT 0 AS n, :4 AS f0, :5 AS g0 FROM DUAL UNION ALL SELECT 1 AS n, :6 AS f0, :7 AS g0 FROM DUAL) v JOIN "REGISTRAR_STAGE_STAGE_2_0" s ON s."CODE" = v.g0 JOIN (SELECT r."ID", r."CODE", r."UP", r."CATEGORY", r."ORIGIN", r."GONE_ON" FROM "COURSE" r WHERE r."ORIGIN" = :8) t ON t."CODE" = v.f0 WHERE s."registrar skip" IS NULL) w WHERE (w.operation <> 'insert' AND (CASE WHEN w.t1 IN (:9, :10) THEN 1 ELSE 0 END = 1))) m) d
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
