INSERT INTO "registrar"."stage_2_n" ("seq", "needed") SELECT x.seq, y."seq" FROM (SELECT o.seq, d1."course_id.code" AS "a1", d1."course_id.origin" AS "a2" FROM "registrar"."operation" AS o CROSS JOIN LATERAL json_to_record(o."after") AS d1("course_id.code" text, "course_id.origin" text) WHERE o.plan_id = $1::text AND o.seq > 10 AND o.seq <= 20 AND o.sync = $2::text AND o.operation = 'insert') x JOIN "registrar"."stage_1_b" y ON x.a1 = y."v0" AND x.a2 = y."v1" WHERE 1 = 1
-- 1: p
-- 2: sync.links
