UPDATE "temp"."stage_2_1" AS s SET "registrar skip" = 'its parent''s row is outside of the scope' WHERE s."registrar skip" IS NULL AND ((s."course_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "course" AS o WHERE o."id" = s."course_id" AND o."origin" = ?1)) OR (s."course_id" IS NULL AND s."course_id.code" IS NULL) OR s."course_id" IN (SELECT o."id" FROM (SELECT o.seq AS seq, o."key" ->> '$."code"' AS "k0", o."before" ->> '$."origin"' AS "b0", o."before" ->> '$."category"' AS "b1", o."after" ->> '$."origin"' AS "a0", o."after" ->> '$."category"' AS "a1" FROM "registrar_operation" AS o WHERE o.plan_id = ?2 AND o.seq > 0 AND o.seq <= 10 AND o.sync = ?3 AND o.operation = 'adopt' LIMIT -1) AS x JOIN "course" AS o ON o."code" = x.k0 AND (o."origin" IS DISTINCT FROM ?4) WHERE (x.a0 IS DISTINCT FROM ?5)))
-- 1: OURS
-- 2: p
-- 3: sync.courses
-- 4: OURS
-- 5: OURS
