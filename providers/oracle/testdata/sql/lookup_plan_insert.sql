INSERT INTO "REGISTRAR_STAGE_STAGE_2_P" ("LIVE", "B0", "B1") SELECT 1, x.a0, x.a2 FROM (SELECT /*+ NO_MERGE */ o.seq AS seq, d1."A0" AS "A0", d1."A2" AS "A2" FROM "REGISTRAR_OPERATION" o, JSON_TABLE(o."AFTER", '$' COLUMNS ("A0" VARCHAR2(4000) PATH '$."code"' ERROR ON ERROR NULL ON EMPTY, "A2" VARCHAR2(4000) PATH '$."origin"' ERROR ON ERROR NULL ON EMPTY)) d1 WHERE o.plan_id = :1 AND o.seq > 10 AND o.seq <= 20 AND o.sync = :2 AND o.operation = 'insert') x
-- 1: p
-- 2: sync.courses
