INSERT INTO "REGISTRAR_STAGE_STAGE_2_N" ("SEQ", "NEEDED") SELECT x.seq, y."SEQ" FROM (SELECT /*+ NO_MERGE */ o.seq AS seq, d1."A1" AS "A1", d1."A2" AS "A2" FROM "REGISTRAR_OPERATION" o, JSON_TABLE(o."AFTER", '$' COLUMNS ("A1" VARCHAR2(4000) PATH '$."course_id.code"' ERROR ON ERROR NULL ON EMPTY, "A2" VARCHAR2(4000) PATH '$."course_id.origin"' ERROR ON ERROR NULL ON EMPTY)) d1 WHERE o.plan_id = :1 AND o.seq > 10 AND o.seq <= 20 AND o.sync = :2 AND o.operation = 'insert') x JOIN "REGISTRAR_STAGE_STAGE_1_B" y ON x.a1 = y."V0" AND x.a2 = y."V1" WHERE 1 = 1
-- 1: p
-- 2: sync.links
