UPDATE "temp"."stage_2_p" AS v SET "live" = y.alive, "b1" = y.w1 FROM (SELECT p."id" AS ref, CASE WHEN (CASE WHEN (x.a1 = ?1 AND p."gone_on" IS NOT NULL) THEN 1 ELSE 0 END = 1) THEN 0 ELSE 1 END AS alive, x.a0 AS w1 FROM (SELECT o.seq AS seq, o."key" ->> '$."code"' AS "k0", o."after" ->> '$."origin"' AS "a0", o."after" ->> '$."category"' AS "a1" FROM "registrar_operation" AS o WHERE o.plan_id = ?2 AND o.seq > 10 AND o.seq <= 20 AND o.sync = ?3 AND o.operation = 'adopt' LIMIT -1) x JOIN "course" p ON p."code" = x.k0 AND (p."origin" IS DISTINCT FROM ?4)) y WHERE v."ref" = y.ref
-- 1: ARCHIVE
-- 2: p
-- 3: sync.courses
-- 4: OURS
