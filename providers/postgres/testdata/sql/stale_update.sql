SELECT q."key" FROM "registrar"."operation" q WHERE q.plan_id = $1::text AND q.seq IN (SELECT x.seq FROM (SELECT o.seq, d0."a""b]c" AS "k0", d0."year" AS "k1", d1."name" AS "b0", d1."amount" AS "b1", d1."updated_on" AS "b2" FROM "registrar"."operation" AS o CROSS JOIN LATERAL json_to_record(o."key") AS d0("a""b]c" text, "year" text) CROSS JOIN LATERAL json_to_record(o."before") AS d1("name" text, "amount" text, "updated_on" text) WHERE o.plan_id = $2::text AND o.seq > 10 AND o.seq <= 20 AND o.sync = $3::text AND o.operation = 'update') x WHERE NOT EXISTS (SELECT 1 FROM "room" t WHERE t."a""b]c" = x.k0 AND t."year" = CAST(x.k1 AS integer) AND t."origin" = $4::text AND NOT (t."deleted_on" IS NOT NULL AND t."deleted_on" <= CAST($5::text AS timestamp with time zone)) AND CAST(t."name" AS text) IS NOT DISTINCT FROM x.b0 AND CAST(t."amount" AS text) IS NOT DISTINCT FROM x.b1 AND replace(CAST(t."updated_on" AS text), '+00', 'Z') IS NOT DISTINCT FROM x.b2)) ORDER BY q.seq LIMIT 10
-- 1: p
-- 2: p
-- 3: sync.rooms["hss"]
-- 4: it's ours
-- 5: 2026-09-01 02:30:00Z
