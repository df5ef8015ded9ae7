INSERT INTO "registrar"."stage_1_b" ("seq", "v0", "v1") SELECT x.seq, CAST(p."code" AS text), CAST(p."origin" AS text) FROM (SELECT o.seq, d0."code" AS "k0" FROM "registrar"."operation" AS o CROSS JOIN LATERAL json_to_record(o."key") AS d0("code" text) WHERE o.plan_id = $1::text AND o.seq > 0 AND o.seq <= 10 AND o.sync = $2::text AND o.operation = 'undelete') x JOIN "course" p ON p."code" = x.k0 AND p."origin" = $3::text WHERE 1 = 1
-- 1: p
-- 2: sync.courses
-- 3: OURS
