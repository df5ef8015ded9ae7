DELETE FROM "course" AS d WHERE d."origin" = $1::text AND "code" IN (SELECT t."code" FROM (SELECT o.seq, d0."code" AS "k0", d1."id" AS "b0", d1."code" AS "b1", d1."up" AS "b2", d1."category" AS "b3", d1."origin" AS "b4", d1."gone_on" AS "b5" FROM "registrar"."operation" AS o CROSS JOIN LATERAL json_to_record(o."key") AS d0("code" text) CROSS JOIN LATERAL json_to_record(o."before") AS d1("id" text, "code" text, "up" text, "category" text, "origin" text, "gone_on" text) WHERE o.plan_id = $2::text AND o.seq > 10 AND o.seq <= 20 AND o.sync = $3::text AND o.operation = 'purge') x JOIN "course" t ON t."code" = x.k0 AND t."origin" = $4::text AND NOT (CASE WHEN t."code" IN ($5::text, $6::text) THEN 1 ELSE 0 END = 1) AND (CASE WHEN (t."category" = $7::text AND t."gone_on" IS NOT NULL) THEN 1 ELSE 0 END = 1) AND CAST(t."id" AS text) IS NOT DISTINCT FROM x.b0 AND CAST(t."code" AS text) IS NOT DISTINCT FROM x.b1 AND CAST(t."up" AS text) IS NOT DISTINCT FROM x.b2 AND CAST(t."category" AS text) IS NOT DISTINCT FROM x.b3 AND CAST(t."origin" AS text) IS NOT DISTINCT FROM x.b4 AND replace(CAST(t."gone_on" AS text), '+00', 'Z') IS NOT DISTINCT FROM x.b5)
-- 1: OURS
-- 2: p
-- 3: sync.courses
-- 4: OURS
-- 5: A
-- 6: B"b
-- 7: ARCHIVE
