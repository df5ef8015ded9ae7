DELETE FROM "registrar_operation" AS x WHERE x.plan_id = ?1 AND x.seq > 10 AND x.seq <= 20 AND x.seq IN (SELECT h."seq" FROM "temp"."stage_2_h" h)
-- 1: p
