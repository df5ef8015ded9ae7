SELECT q."key" FROM "registrar"."operation" q WHERE q.plan_id = $1::text AND q.seq IN (SELECT x.seq FROM (SELECT o.seq, d1."a""b]c" AS "a0", d1."year" AS "a1", d1."origin" AS "a5" FROM "registrar"."operation" AS o CROSS JOIN LATERAL json_to_record(o."after") AS d1("a""b]c" text, "year" text, "origin" text) WHERE o.plan_id = $2::text AND o.seq > 10 AND o.seq <= 20 AND o.sync = $3::text AND o.operation = 'insert') x WHERE EXISTS (SELECT 1 FROM "room" t WHERE ((t."a""b]c" = x.a0 AND t."year" = CAST(x.a1 AS integer) AND t."origin" = x.a5)))) ORDER BY q.seq LIMIT 10
-- 1: p
-- 2: p
-- 3: sync.rooms["hss"]
