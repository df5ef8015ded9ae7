SELECT q."KEY" FROM "REGISTRAR_OPERATION" q WHERE q.plan_id = :1 AND q.seq IN (SELECT x.seq FROM (SELECT /*+ NO_MERGE */ o.seq AS seq, d1."A0" AS "A0", d1."A1" AS "A1", d1."A5" AS "A5" FROM "REGISTRAR_OPERATION" o, JSON_TABLE(o."AFTER", '$' COLUMNS ("A0" VARCHAR2(4000) PATH '$."a\"b]c"' ERROR ON ERROR NULL ON EMPTY, "A1" VARCHAR2(4000) PATH '$."year"' ERROR ON ERROR NULL ON EMPTY, "A5" VARCHAR2(4000) PATH '$."origin"' ERROR ON ERROR NULL ON EMPTY)) d1 WHERE o.plan_id = :2 AND o.seq > 10 AND o.seq <= 20 AND o.sync = :3 AND o.operation = 'insert') x WHERE EXISTS (SELECT 1 FROM "ROOM" t WHERE ((t."ab]c" = x.a0 AND t."YEAR" = TO_NUMBER(x.a1) AND t."ORIGIN" = x.a5)))) ORDER BY q.seq FETCH FIRST 10 ROWS ONLY
-- 1: p
-- 2: p
-- 3: sync.rooms["hss"]
