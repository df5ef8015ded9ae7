INSERT INTO "REGISTRAR_STAGE_STAGE_2_H" ("SEQ") SELECT o.seq FROM "REGISTRAR_OPERATION" o WHERE o.plan_id = :1 AND o.seq > 10 AND o.seq <= 20 AND o.operation IN ('archive', 'delete', 'purge')
-- 1: p
