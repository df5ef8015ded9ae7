DELETE FROM "registrar"."operation" AS x WHERE x.plan_id = $1::text AND x.seq > 10 AND x.seq <= 20 AND x.seq IN (SELECT h."seq" FROM "registrar"."stage_2_h" h)
-- 1: p
