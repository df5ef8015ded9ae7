INSERT INTO "registrar"."stage_2_p" ("live", "b0", "b1") SELECT 1, x.a0, x.a2 FROM (SELECT o.seq, d1."code" AS "a0", d1."origin" AS "a2" FROM "registrar"."operation" AS o CROSS JOIN LATERAL json_to_record(o."after") AS d1("code" text, "origin" text) WHERE o.plan_id = $1::text AND o.seq > 10 AND o.seq <= 20 AND o.sync = $2::text AND o.operation = 'insert') x
-- 1: p
-- 2: sync.courses
