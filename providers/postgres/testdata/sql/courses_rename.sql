INSERT INTO "registrar"."operation" (plan_id, seq, sync, table_name, operation, "key", "before", "after")
SELECT $1::text, 10 + row_number() OVER (), $2::text, $3::text, d.operation, d.doc_key, d.doc_before, d.doc_after
FROM (SELECT m.operation AS operation, CASE m.operation WHEN 'insert' THEN json_object(ARRAY['code']::text[], ARRAY[CAST(m.s0 AS text)]::text[]) ELSE json_object(ARRAY['code']::text[], ARRAY[CAST(m.t1 AS text)]::text[]) END AS doc_key, CASE m.operation WHEN 'rename' THEN json_object(ARRAY['code', 'category']::text[], ARRAY[CAST(m.t1 AS text), CAST(m.t3 AS text)]::text[]) WHEN 'undelete' THEN json_object(ARRAY['code', 'category']::text[], ARRAY[CAST(m.t1 AS text), CAST(m.t3 AS text)]::text[]) END AS doc_before, CASE m.operation WHEN 'rename' THEN json_object(ARRAY['code', 'category']::text[], ARRAY[CAST(m.s0 AS text), CAST(m.s1 AS text)]::text[]) WHEN 'undelete' THEN json_object(ARRAY['code', 'category']::text[], ARRAY[CAST(m.s0 AS text), CAST(m.s1 AS text)]::text[]) END AS doc_after FROM (SELECT * FROM (SELECT CASE WHEN (CASE WHEN (t."category" = $4::text AND t."gone_on" IS NOT NULL) THEN 1 ELSE 0 END = 1) THEN 'undelete' ELSE 'rename' END AS operation, s."code" AS s0, s."category" AS s1, t."id" AS t0, t."code" AS t1, t."up" AS t2, t."category" AS t3, t."origin" AS t4, t."gone_on" AS t5 FROM (SELECT 0 AS n, $5::text AS f0, $6::text AS g0 UNION ALL SELECT 1 AS n, $7::text AS f0, $8::text AS g0) v JOIN "registrar"."stage_2_0" s ON s."code" = v.g0 JOIN (SELECT r."id", r."code", r."up", r."category", r."origin", r."gone_on" FROM "course" r WHERE r."origin" = $9::text) t ON t."code" = v.f0 WHERE s."registrar skip" IS NULL) w WHERE NOT (w.operation <> 'insert' AND (CASE WHEN w.t1 IN ($10::text, $11::text) THEN 1 ELSE 0 END = 1))) m) d
-- 1: p
-- 2: sync.courses
-- 3: course
-- 4: ARCHIVE
-- 5: A
-- 6: B
-- 7: C
-- 8: D
-- 9: OURS
-- 10: A
-- 11: B"b
