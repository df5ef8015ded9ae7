UPDATE "registrar"."stage_2_p" AS v SET "live" = 0 FROM (SELECT p."id" AS ref FROM (SELECT o.seq, d0."code" AS "k0" FROM "registrar"."operation" AS o CROSS JOIN LATERAL json_to_record(o."key") AS d0("code" text) WHERE o.plan_id = $1::text AND o.seq > 10 AND o.seq <= 20 AND o.sync = $2::text AND o.operation = 'archive') x JOIN "course" p ON p."code" = x.k0 AND p."origin" = $3::text) y WHERE v."ref" = y.ref
-- 1: p
-- 2: sync.courses
-- 3: OURS
