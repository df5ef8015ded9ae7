SELECT q."key" FROM "registrar"."operation" q WHERE q.plan_id = $1::text AND q.seq IN (SELECT x.seq FROM (SELECT o.seq, d0."code" AS "k0" FROM "registrar"."operation" AS o CROSS JOIN LATERAL json_to_record(o."key") AS d0("code" text) WHERE o.plan_id = $2::text AND o.seq > 0 AND o.seq <= 10 AND o.sync = $3::text AND o.operation = 'delete') x JOIN "course" t ON t."code" = x.k0 AND t."origin" = $4::text JOIN "link" f ON t."id" = f."course_id" WHERE 1 = 1 AND 1 = 1 AND (CASE WHEN (f."origin" = $5::text AND EXISTS (SELECT 1 FROM "course" o WHERE o."id" = f."course_id" AND o."origin" = $6::text) AND (f."course_id", f."student") IN (SELECT CAST(x.k0 AS integer), x.k3 FROM (SELECT o.seq, d0."course_id" AS "k0", d0."student" AS "k3" FROM "registrar"."operation" AS o CROSS JOIN LATERAL json_to_record(o."key") AS d0("course_id" text, "student" text) WHERE o.plan_id = $7::text AND o.seq > 10 AND o.seq <= 20 AND o.sync = $8::text AND o.operation = 'delete') x WHERE 1 = 1)) THEN 1 ELSE 0 END = 0)) ORDER BY q.seq LIMIT 10
-- 1: p
-- 2: p
-- 3: sync.courses
-- 4: OURS
-- 5: OURS
-- 6: OURS
-- 7: p
-- 8: sync.links
