INSERT INTO "registrar"."stage_2_n" ("seq", "needed") SELECT x.seq, y."seq" FROM (SELECT o.seq, d1."course_id" AS "a0", d1."student" AS "a3" FROM "registrar"."operation" AS o CROSS JOIN LATERAL json_to_record(o."after") AS d1("course_id" text, "student" text) WHERE o.plan_id = $1::text AND o.seq > 10 AND o.seq <= 20 AND o.sync = $2::text AND o.operation = 'insert') x JOIN "link" t ON t."course_id" = CAST(x.a0 AS integer) AND t."student" = x.a3 JOIN "registrar"."stage_2_b" y ON y."v0" = t."course_id" AND y."v1" = t."student" WHERE (t."origin" IS DISTINCT FROM $3::text OR NOT EXISTS (SELECT 1 FROM "course" o WHERE o."id" = t."course_id" AND o."origin" = $4::text))
-- 1: p
-- 2: sync.links
-- 3: OURS
-- 4: OURS
