INSERT INTO "REGISTRAR_FINDING" (plan_id, seq, sync, kind, "KEY", detail)
SELECT :1, 10 + row_number() OVER (ORDER BY CAST(x."KEY" AS VARCHAR2(4000)), CAST(x.operation AS VARCHAR2(4000))), :2, 'held_back', x."KEY", JSON_OBJECT(KEY 'operation' VALUE x.operation NULL ON NULL RETURNING CLOB) FROM "REGISTRAR_OPERATION" x WHERE x.plan_id = :3 AND x.seq > 10 AND x.seq <= 20 AND x.seq IN (SELECT h."SEQ" FROM "REGISTRAR_STAGE_STAGE_2_H" h)
-- 1: p
-- 2: sync.links
-- 3: p
