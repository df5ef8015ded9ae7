INSERT INTO "registrar"."stage_2_g" ("seq", "p0") SELECT x.seq, t."id" FROM (SELECT o.seq, d0."code" AS "k0", d1."id" AS "b0", d1."code" AS "b1", d1."up" AS "b2", d1."category" AS "b3", d1."origin" AS "b4", d1."gone_on" AS "b5" FROM "registrar"."operation" AS o CROSS JOIN LATERAL json_to_record(o."key") AS d0("code" text) CROSS JOIN LATERAL json_to_record(o."before") AS d1("id" text, "code" text, "up" text, "category" text, "origin" text, "gone_on" text) WHERE o.plan_id = $1::text AND o.seq > 0 AND o.seq <= 10 AND o.sync = $2::text AND o.operation = 'purge') AS x JOIN "course" AS t ON t."code" = x.k0 AND t."origin" = $3::text
-- 1: p
-- 2: sync.courses
-- 3: OURS
