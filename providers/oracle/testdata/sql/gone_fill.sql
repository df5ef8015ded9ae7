INSERT INTO "REGISTRAR_STAGE_STAGE_2_G" ("SEQ", "P0") SELECT x.seq, t."ID" FROM (SELECT /*+ NO_MERGE */ o.seq AS seq, d0."K0" AS "K0" FROM "REGISTRAR_OPERATION" o, JSON_TABLE(o."KEY", '$' COLUMNS ("K0" VARCHAR2(4000) PATH '$."code"' ERROR ON ERROR NULL ON EMPTY)) d0 WHERE o.plan_id = :1 AND o.seq > 0 AND o.seq <= 10 AND o.sync = :2 AND o.operation = 'purge') x JOIN "COURSE" t ON t."CODE" = x.k0 AND t."ORIGIN" = :3
-- 1: p
-- 2: sync.courses
-- 3: OURS
