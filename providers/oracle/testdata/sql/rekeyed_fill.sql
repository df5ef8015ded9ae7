INSERT INTO "REGISTRAR_STAGE_STAGE_2_K" ("SEQ", "P0") SELECT x.seq, t."CODE" FROM (SELECT /*+ NO_MERGE */ o.seq AS seq, d0."K0" AS "K0", d2."A0" AS "A0" FROM "REGISTRAR_OPERATION" o, JSON_TABLE(o."KEY", '$' COLUMNS ("K0" VARCHAR2(4000) PATH '$."code"' ERROR ON ERROR NULL ON EMPTY)) d0, JSON_TABLE(o."AFTER", '$' COLUMNS ("A0" VARCHAR2(4000) PATH '$."code"' ERROR ON ERROR NULL ON EMPTY)) d2 WHERE o.plan_id = :1 AND o.seq > 0 AND o.seq <= 10 AND o.sync = :2 AND o.operation = 'rename') x JOIN "COURSE" t ON t."CODE" = x.k0 AND t."ORIGIN" = :3 WHERE ((DECODE(t."CODE", x.a0, 0, 1) = 1))
-- 1: p
-- 2: sync.courses
-- 3: OURS
