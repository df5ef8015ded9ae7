INSERT INTO "REGISTRAR_STAGE_STAGE_2_B" ("SEQ", "V0", "V1") SELECT x.seq, TO_NUMBER(x.k0), x.k3 FROM (SELECT /*+ NO_MERGE */ o.seq AS seq, d0."K0" AS "K0", d0."K3" AS "K3" FROM "REGISTRAR_OPERATION" o, JSON_TABLE(o."KEY", '$' COLUMNS ("K0" VARCHAR2(4000) PATH '$."course_id"' ERROR ON ERROR NULL ON EMPTY, "K3" VARCHAR2(4000) PATH '$."student"' ERROR ON ERROR NULL ON EMPTY)) d0 WHERE o.plan_id = :1 AND o.seq > 10 AND o.seq <= 20 AND o.sync = :2 AND o.operation = 'adopt') x WHERE 1 = 1
-- 1: p
-- 2: sync.links
