SELECT count(*), count(DISTINCT g."SEQ") FROM "LINK" f JOIN "REGISTRAR_STAGE_STAGE_2_K" g ON g."P0" = f."STUDENT" WHERE 1 = 1 AND (CASE WHEN (f."ORIGIN" = :1 AND EXISTS (SELECT 1 FROM "COURSE" o WHERE o."ID" = f."COURSE_ID" AND o."ORIGIN" = :2) AND (f."COURSE_ID", f."STUDENT") IN (SELECT TO_NUMBER(x.k0), x.k3 FROM (SELECT /*+ NO_MERGE */ o.seq AS seq, d0."K0" AS "K0", d0."K3" AS "K3" FROM "REGISTRAR_OPERATION" o, JSON_TABLE(o."KEY", '$' COLUMNS ("K0" VARCHAR2(4000) PATH '$."course_id"' ERROR ON ERROR NULL ON EMPTY, "K3" VARCHAR2(4000) PATH '$."student"' ERROR ON ERROR NULL ON EMPTY)) d0 WHERE o.plan_id = :3 AND o.seq > 10 AND o.seq <= 20 AND o.sync = :4 AND o.operation = 'delete') x WHERE 1 = 1)) THEN 1 ELSE 0 END = 0)
-- 1: OURS
-- 2: OURS
-- 3: p
-- 4: sync.links
