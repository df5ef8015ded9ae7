SELECT count(*), count(DISTINCT g."seq") FROM "link" f JOIN "registrar"."stage_2_k" g ON g."p0" = f."student" WHERE 1 = 1 AND (CASE WHEN (f."origin" = $1::text AND EXISTS (SELECT 1 FROM "course" o WHERE o."id" = f."course_id" AND o."origin" = $2::text) AND (f."course_id", f."student") IN (SELECT CAST(x.k0 AS integer), x.k3 FROM (SELECT o.seq, d0."course_id" AS "k0", d0."student" AS "k3" FROM "registrar"."operation" AS o CROSS JOIN LATERAL json_to_record(o."key") AS d0("course_id" text, "student" text) WHERE o.plan_id = $3::text AND o.seq > 10 AND o.seq <= 20 AND o.sync = $4::text AND o.operation = 'delete') x WHERE 1 = 1)) THEN 1 ELSE 0 END = 0)
-- 1: OURS
-- 2: OURS
-- 3: p
-- 4: sync.links
