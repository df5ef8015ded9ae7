UPDATE "registrar"."operation" AS q SET "result" = y.doc FROM (SELECT x.seq AS seq, json_object(ARRAY['a"b]c', 'year', 'name', 'amount', 'visible', 'origin', 'updated_on', 'deleted_on']::text[], ARRAY[CAST(t."a""b]c" AS text), CAST(t."year" AS text), CAST(t."name" AS text), CAST(t."amount" AS text), CAST(t."visible" AS text), CAST(t."origin" AS text), replace(CAST(t."updated_on" AS text), '+00', 'Z'), replace(CAST(t."deleted_on" AS text), '+00', 'Z')]::text[]) AS doc FROM (SELECT o.seq, d0."a""b]c" AS "k0", d0."year" AS "k1" FROM "registrar"."operation" AS o CROSS JOIN LATERAL json_to_record(o."key") AS d0("a""b]c" text, "year" text) WHERE o.plan_id = $1::text AND o.seq > 10 AND o.seq <= 20 AND o.sync = $2::text AND o.operation = 'update') x JOIN "room" t ON t."a""b]c" = x.k0 AND t."year" = CAST(x.k1 AS integer) AND t."origin" = $3::text) y WHERE q.plan_id = $4::text AND q.seq = y.seq
-- 1: p
-- 2: sync.rooms["hss"]
-- 3: it's ours
-- 4: p
