INSERT INTO "registrar"."stage_2_g" ("seq", "p0") SELECT x.seq, t."id" FROM (SELECT o.seq, d0."code" AS "k0" FROM "registrar"."operation" AS o CROSS JOIN LATERAL json_to_record(o."key") AS d0("code" text) WHERE o.plan_id = $1::text AND o.seq > 0 AND o.seq <= 10 AND o.sync = $2::text AND o.operation = 'purge') x JOIN "course" t ON t."code" = x.k0 AND t."origin" = $3::text
-- 1: p
-- 2: sync.courses
-- 3: OURS
