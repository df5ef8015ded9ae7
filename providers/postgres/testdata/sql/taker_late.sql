INSERT INTO "registrar"."stage_2_h" ("seq") SELECT DISTINCT x.seq FROM (SELECT o.seq, d0."course_id" AS "k0", d0."student" AS "k3" FROM "registrar"."operation" AS o CROSS JOIN LATERAL json_to_record(o."key") AS d0("course_id" text, "student" text) WHERE o.plan_id = $1::text AND o.seq > 10 AND o.seq <= 20 AND o.sync = $2::text AND o.operation = 'delete') x JOIN "link" t ON t."course_id" = CAST(x.k0 AS integer) AND t."student" = x.k3 AND t."origin" = $3::text AND EXISTS (SELECT 1 FROM "course" o WHERE o."id" = t."course_id" AND o."origin" = $4::text) WHERE EXISTS (SELECT 1 FROM "link" f WHERE f."up_id" = t."id" AND NOT (f."id" = t."id") AND NOT (CASE WHEN f."origin" = $5::text AND EXISTS (SELECT 1 FROM "course" o WHERE o."id" = f."course_id" AND o."origin" = $6::text) AND (f."course_id", f."student") IN (SELECT CAST(x.k0 AS integer), x.k3 FROM (SELECT o.seq, d0."course_id" AS "k0", d0."student" AS "k3" FROM "registrar"."operation" AS o CROSS JOIN LATERAL json_to_record(o."key") AS d0("course_id" text, "student" text) WHERE o.plan_id = $7::text AND o.seq > 10 AND o.seq <= 20 AND o.sync = $8::text AND o.operation = 'delete') x WHERE NOT x.seq IN (SELECT h."seq" FROM "registrar"."stage_2_h" h)) THEN 1 ELSE 0 END = 1)) AND NOT x.seq IN (SELECT h."seq" FROM "registrar"."stage_2_h" h)
-- 1: p
-- 2: sync.links
-- 3: OURS
-- 4: OURS
-- 5: OURS
-- 6: OURS
-- 7: p
-- 8: sync.links
