INSERT INTO "temp"."stage_2_g" ("seq", "p0") SELECT x.seq, t."id" FROM (SELECT o.seq AS seq, o."key" ->> '$."code"' AS "k0" FROM "registrar_operation" AS o WHERE o.plan_id = ?1 AND o.seq > 0 AND o.seq <= 10 AND o.sync = ?2 AND o.operation = 'purge' LIMIT -1) x JOIN "course" t ON t."code" = x.k0 AND t."origin" = ?3
-- 1: p
-- 2: sync.courses
-- 3: OURS
