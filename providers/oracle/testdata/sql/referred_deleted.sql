SELECT q."KEY" FROM "REGISTRAR_OPERATION" q WHERE q.plan_id = :1 AND q.seq IN (SELECT x.seq FROM (SELECT /*+ NO_MERGE */ o.seq AS seq, d0."K0" AS "K0" FROM "REGISTRAR_OPERATION" o, JSON_TABLE(o."KEY", '$' COLUMNS ("K0" VARCHAR2(4000) PATH '$."code"' ERROR ON ERROR NULL ON EMPTY)) d0 WHERE o.plan_id = :2 AND o.seq > 0 AND o.seq <= 10 AND o.sync = :3 AND o.operation = 'delete') x JOIN "COURSE" t ON t."CODE" = x.k0 AND t."ORIGIN" = :4 JOIN "LINK" f ON t."ID" = f."COURSE_ID" WHERE 1 = 1 AND 1 = 1 AND (CASE WHEN (f."ORIGIN" = :5 AND EXISTS (SELECT 1 FROM "COURSE" o WHERE o."ID" = f."COURSE_ID" AND o."ORIGIN" = :6) AND (f."COURSE_ID", f."STUDENT") IN (SELECT TO_NUMBER(x.k0), x.k3 FROM (SELECT /*+ NO_MERGE */ o.seq AS seq, d0."K0" AS "K0", d0."K3" AS "K3" FROM "REGISTRAR_OPERATION" o, JSON_TABLE(o."KEY", '$' COLUMNS ("K0" VARCHAR2(4000) PATH '$."course_id"' ERROR ON ERROR NULL ON EMPTY, "K3" VARCHAR2(4000) PATH '$."student"' ERROR ON ERROR NULL ON EMPTY)) d0 WHERE o.plan_id = :7 AND o.seq > 10 AND o.seq <= 20 AND o.sync = :8 AND o.operation = 'delete') x WHERE 1 = 1)) THEN 1 ELSE 0 END = 0)) ORDER BY q.seq FETCH FIRST 10 ROWS ONLY
-- 1: p
-- 2: p
-- 3: sync.courses
-- 4: OURS
-- 5: OURS
-- 6: OURS
-- 7: p
-- 8: sync.links
