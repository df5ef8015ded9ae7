INSERT INTO "temp"."stage_1_b" ("seq", "v0", "v1") SELECT x.seq, CASE typeof(p."code") WHEN 'blob' THEN '\x' || lower(hex(p."code")) ELSE p."code" END, CASE typeof(p."origin") WHEN 'blob' THEN '\x' || lower(hex(p."origin")) ELSE p."origin" END FROM (SELECT o.seq AS seq, o."key" ->> '$."code"' AS "k0" FROM "registrar_operation" AS o WHERE o.plan_id = ?1 AND o.seq > 0 AND o.seq <= 10 AND o.sync = ?2 AND o.operation = 'undelete' LIMIT -1) x JOIN "course" p ON p."code" = x.k0 AND p."origin" = ?3 WHERE 1 = 1
-- 1: p
-- 2: sync.courses
-- 3: OURS
