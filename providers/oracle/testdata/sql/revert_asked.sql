SELECT count(*) FROM (SELECT /*+ NO_MERGE */ o.seq AS seq, o."KEY" AS "HELD_KEY", d0."K0" AS "K0", d0."K1" AS "K1", o."BEFORE" AS "HELD_BEFORE", o."AFTER" AS "HELD_AFTER" FROM "REGISTRAR_OPERATION" o, JSON_TABLE(o."KEY", '$' COLUMNS ("K0" VARCHAR2(4000) PATH '$."a\"b]c"' ERROR ON ERROR NULL ON EMPTY, "K1" VARCHAR2(4000) PATH '$."year"' ERROR ON ERROR NULL ON EMPTY)) d0 WHERE o.plan_id = :1 AND o.seq > 10 AND o.seq <= 20 AND o.sync = :2 AND o.operation = 'archive' AND o.result IS NULL) x WHERE ((x.k0 = :3 AND x.k1 = :4 OR x.k0 = :5 AND x.k1 = :6))
-- 1: p
-- 2: sync.rooms["hss"]
-- 3: A
-- 4: 1
-- 5: A
-- 6: 1
