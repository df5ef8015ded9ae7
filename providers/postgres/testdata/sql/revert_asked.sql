SELECT count(*) FROM (SELECT o.seq, o."key" AS "held_key", d0."a""b]c" AS "k0", d0."year" AS "k1", o."before" AS "held_before", o."after" AS "held_after" FROM "registrar"."operation" AS o CROSS JOIN LATERAL json_to_record(o."key") AS d0("a""b]c" text, "year" text) WHERE o.plan_id = $1::text AND o.seq > 10 AND o.seq <= 20 AND o.sync = $2::text AND o.operation = 'archive' AND o.result IS NULL) x WHERE ((x.k0 = $3::text AND x.k1 = $4::text OR x.k0 = $5::text AND x.k1 = $6::text))
-- 1: p
-- 2: sync.rooms["hss"]
-- 3: A
-- 4: 1
-- 5: A
-- 6: 1
