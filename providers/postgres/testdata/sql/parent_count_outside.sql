SELECT count(*) FROM (SELECT o.seq, d1."course_id" AS "a0", d1."course_id.code" AS "a1", d1."course_id.origin" AS "a2", d1."up_id" AS "a7", d1."up_id.student" AS "a8" FROM "registrar"."operation" AS o CROSS JOIN LATERAL json_to_record(o."after") AS d1("course_id" text, "course_id.code" text, "course_id.origin" text, "up_id" text, "up_id.student" text) WHERE o.plan_id = $1::text AND o.seq > 10 AND o.seq <= 20 AND o.sync = $2::text AND o.operation = 'insert') x LEFT JOIN "course" p0 ON NOT ((CASE WHEN (p0."category" = $3::text AND p0."gone_on" IS NOT NULL) THEN 1 ELSE 0 END = 1)) AND p0."code" = x.a1 AND p0."origin" = x.a2 AND (x.a0 IS NULL OR p0."id" = CAST(x.a0 AS integer)) LEFT JOIN "link" p7 ON NOT 1 = 0 AND p7."student" = x.a8 AND x.a7 IS NULL WHERE (NOT EXISTS (SELECT 1 FROM "course" o WHERE o."id" = p0."id" AND o."origin" = $4::text))
-- 1: p
-- 2: sync.links
-- 3: ARCHIVE
-- 4: OURS
