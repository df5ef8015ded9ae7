UPDATE "course" AS t SET "code" = x.a0, "category" = x.a1 FROM (SELECT o.seq, d0."code" AS "k0", d1."code" AS "b0", d1."category" AS "b1", d2."code" AS "a0", d2."category" AS "a1" FROM "registrar"."operation" AS o CROSS JOIN LATERAL json_to_record(o."key") AS d0("code" text) CROSS JOIN LATERAL json_to_record(o."before") AS d1("code" text, "category" text) CROSS JOIN LATERAL json_to_record(o."after") AS d2("code" text, "category" text) WHERE o.plan_id = $1::text AND o.seq > 10 AND o.seq <= 20 AND o.sync = $2::text AND o.operation = 'rename') x WHERE t."code" = x.k0 AND t."origin" = $3::text AND NOT (CASE WHEN t."code" IN ($4::text, $5::text) THEN 1 ELSE 0 END = 1) AND NOT (CASE WHEN (t."category" = $6::text AND t."gone_on" IS NOT NULL) THEN 1 ELSE 0 END = 1) AND CAST(t."code" AS text) IS NOT DISTINCT FROM x.b0 AND CAST(t."category" AS text) IS NOT DISTINCT FROM x.b1
-- 1: p
-- 2: sync.courses
-- 3: OURS
-- 4: A
-- 5: B"b
-- 6: ARCHIVE
