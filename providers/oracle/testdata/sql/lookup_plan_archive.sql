MERGE INTO "REGISTRAR_STAGE_STAGE_2_P" z USING (SELECT w.* FROM (SELECT v.ROWID AS address, 0 AS new0, row_number() OVER (PARTITION BY v.ROWID ORDER BY NULL) AS nth FROM (SELECT p."ID" AS ref FROM (SELECT /*+ NO_MERGE */ o.seq AS seq, d0."K0" AS "K0" FROM "REGISTRAR_OPERATION" o, JSON_TABLE(o."KEY", '$' COLUMNS ("K0" VARCHAR2(4000) PATH '$."code"' ERROR ON ERROR NULL ON EMPTY)) d0 WHERE o.plan_id = :1 AND o.seq > 10 AND o.seq <= 20 AND o.sync = :2 AND o.operation = 'archive') x JOIN "COURSE" p ON p."CODE" = x.k0 AND p."ORIGIN" = :3) y JOIN "REGISTRAR_STAGE_STAGE_2_P" v ON v."REF" = y.ref) w WHERE w.nth = 1) n ON (z.ROWID = n.address) WHEN MATCHED THEN UPDATE SET z."LIVE" = n.new0
-- 1: p
-- 2: sync.courses
-- 3: OURS
