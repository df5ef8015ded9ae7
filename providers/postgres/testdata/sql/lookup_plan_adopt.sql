UPDATE "registrar"."stage_2_p" AS v SET "live" = y.alive, "b1" = y.w1 FROM (SELECT p."id" AS ref, CASE WHEN (CASE WHEN (x.a1 = $1::text AND p."gone_on" IS NOT NULL) THEN 1 ELSE 0 END = 1) THEN 0 ELSE 1 END AS alive, x.a0 AS w1 FROM (SELECT o.seq, d0."code" AS "k0", d2."origin" AS "a0", d2."category" AS "a1" FROM "registrar"."operation" AS o CROSS JOIN LATERAL json_to_record(o."key") AS d0("code" text) CROSS JOIN LATERAL json_to_record(o."after") AS d2("origin" text, "category" text) WHERE o.plan_id = $2::text AND o.seq > 10 AND o.seq <= 20 AND o.sync = $3::text AND o.operation = 'adopt') x JOIN "course" p ON p."code" = x.k0 AND (p."origin" IS DISTINCT FROM $4::text)) y WHERE v."ref" = y.ref
-- 1: ARCHIVE
-- 2: p
-- 3: sync.courses
-- 4: OURS
