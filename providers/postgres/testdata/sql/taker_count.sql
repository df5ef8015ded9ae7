SELECT count(DISTINCT x.seq) FROM (SELECT o.seq, d0."course_id" AS "k0", d0."student" AS "k3", d1."course_id" AS "a0", d1."student" AS "a3" FROM "registrar"."operation" AS o CROSS JOIN LATERAL json_to_record(o."key") AS d0("course_id" text, "student" text) CROSS JOIN LATERAL json_to_record(o."after") AS d1("course_id" text, "student" text) WHERE o.plan_id = $1::text AND o.seq > 10 AND o.seq <= 20 AND o.sync = $2::text AND o.operation = 'insert') x JOIN "link" t ON t."course_id" = CAST(x.a0 AS integer) AND t."student" = x.a3 WHERE ((CASE WHEN t."origin" = $3::text AND EXISTS (SELECT 1 FROM "course" o WHERE o."id" = t."course_id" AND o."origin" = $4::text) AND (t."course_id", t."student") IN (SELECT CAST(x.k0 AS integer), x.k3 FROM (SELECT o.seq, d0."course_id" AS "k0", d0."student" AS "k3" FROM "registrar"."operation" AS o CROSS JOIN LATERAL json_to_record(o."key") AS d0("course_id" text, "student" text) WHERE o.plan_id = $5::text AND o.seq > 10 AND o.seq <= 20 AND o.sync = $6::text AND o.operation = 'delete') x WHERE x.seq IN (SELECT h."seq" FROM "registrar"."stage_2_h" h)) THEN 1 ELSE 0 END = 1))
-- 1: p
-- 2: sync.links
-- 3: OURS
-- 4: OURS
-- 5: p
-- 6: sync.links
