UPDATE "temp"."stage_2_p" AS v SET "b0" = y.w0 FROM (SELECT p."id" AS ref, x.a0 AS w0 FROM (SELECT o.seq AS seq, o."key" ->> '$."code"' AS "k0", o."after" ->> '$."code"' AS "a0" FROM "registrar_operation" AS o WHERE o.plan_id = ?1 AND o.seq > 10 AND o.seq <= 20 AND o.sync = ?2 AND o.operation = 'rename' LIMIT -1) x JOIN "course" p ON p."code" = x.k0 AND p."origin" = ?3) y WHERE v."ref" = y.ref
-- 1: p
-- 2: sync.courses
-- 3: OURS
