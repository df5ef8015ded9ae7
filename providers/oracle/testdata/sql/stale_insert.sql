SELECT q."KEY" FROM "REGISTRAR_OPERATION" q WHERE q.plan_id = :1 AND q.seq IN (SELECT x.seq FROM (SELECT /*+ NO_MERGE */ o.seq AS seq, d0."K0" AS "K0", d0."K1" AS "K1" FROM "REGISTRAR_OPERATION" o, JSON_TABLE(o."KEY", '$' COLUMNS ("K0" VARCHAR2(4000) PATH '$."a\"b]c"' ERROR ON ERROR NULL ON EMPTY, "K1" VARCHAR2(4000) PATH '$."year"' ERROR ON ERROR NULL ON EMPTY)) d0 WHERE o.plan_id = :2 AND o.seq > 10 AND o.seq <= 20 AND o.sync = :3 AND o.operation = 'insert') x WHERE EXISTS (SELECT 1 FROM "ROOM" t WHERE t."ab]c" = x.k0 AND t."YEAR" = TO_NUMBER(x.k1) AND (1 = 1))) ORDER BY q.seq FETCH FIRST 10 ROWS ONLY
-- 1: p
-- 2: p
-- 3: sync.rooms["hss"]
