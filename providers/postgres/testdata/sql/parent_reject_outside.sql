UPDATE "registrar"."stage_2_1" AS s SET "registrar skip" = 'its parent''s row is outside of the scope' WHERE s."registrar skip" IS NULL AND ((s."course_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "course" AS o WHERE o."id" = s."course_id" AND o."origin" = $1::text)) OR (s."course_id" IS NULL AND s."course_id.code" IS NULL) OR s."course_id" IN (SELECT o."id" FROM (SELECT o.seq, d0."code" AS "k0", d1."origin" AS "b0", d1."category" AS "b1", d2."origin" AS "a0", d2."category" AS "a1" FROM "registrar"."operation" AS o CROSS JOIN LATERAL json_to_record(o."key") AS d0("code" text) CROSS JOIN LATERAL json_to_record(o."before") AS d1("origin" text, "category" text) CROSS JOIN LATERAL json_to_record(o."after") AS d2("origin" text, "category" text) WHERE o.plan_id = $2::text AND o.seq > 0 AND o.seq <= 10 AND o.sync = $3::text AND o.operation = 'adopt') AS x JOIN "course" AS o ON o."code" = x.k0 AND (o."origin" IS DISTINCT FROM $4::text) WHERE (x.a0 IS DISTINCT FROM $5::text)))
-- 1: OURS
-- 2: p
-- 3: sync.courses
-- 4: OURS
-- 5: OURS
