INSERT INTO "registrar"."stage_2_b" ("seq", "v0", "v1") SELECT x.seq, CAST(x.k0 AS integer), x.k3 FROM (SELECT o.seq, d0."course_id" AS "k0", d0."student" AS "k3" FROM "registrar"."operation" AS o CROSS JOIN LATERAL json_to_record(o."key") AS d0("course_id" text, "student" text) WHERE o.plan_id = $1::text AND o.seq > 10 AND o.seq <= 20 AND o.sync = $2::text AND o.operation = 'adopt') x WHERE 1 = 1
-- 1: p
-- 2: sync.links
