INSERT INTO "registrar"."finding" (plan_id, seq, sync, kind, "key", detail)
SELECT $1::text, 10 + row_number() OVER (ORDER BY (CAST(d.doc_key AS text)) COLLATE "C", (CAST(d.operation AS text)) COLLATE "C"), $2::text, 'protected', d.doc_key, json_object(ARRAY['operation']::text[], ARRAY[d.operation]::text[])
FROM (SELECT m.operation AS operation, CASE m.operation WHEN 'insert' THEN json_object(ARRAY['code']::text[], ARRAY[CAST(m.s0 AS text)]::text[]) ELSE json_object(ARRAY['code']::text[], ARRAY[CAST(m.t1 AS text)]::text[]) END AS doc_key FROM (SELECT * FROM (SELECT CASE WHEN (CASE WHEN (t."category" = $3::text AND t."gone_on" IS NOT NULL) THEN 1 ELSE 0 END = 1) THEN 'undelete' ELSE 'rename' END AS operation, s."code" AS s0, s."category" AS s1, t."id" AS t0, t."code" AS t1, t."up" AS t2, t."category" AS t3, t."origin" AS t4, t."gone_on" AS t5 FROM (SELECT 0 AS n, $4::text AS f0, $5::text AS g0 UNION ALL SELECT 1 AS n, $6::text AS f0, $7::text AS g0) v JOIN "registrar"."stage_2_0" s ON s."code" = v.g0 JOIN (SELECT r."id", r."code", r."up", r."category", r."origin", r."gone_on" FROM "course" r WHERE r."origin" = $8::text) t ON t."code" = v.f0 WHERE s."registrar skip" IS NULL) w WHERE (w.operation <> 'insert' AND (CASE WHEN w.t1 IN ($9::text, $10::text) THEN 1 ELSE 0 END = 1))) m) d
-- 1: p
-- 2: sync.courses
-- 3: ARCHIVE
-- 4: A
-- 5: B
-- 6: C
-- 7: D
-- 8: OURS
-- 9: A
-- 10: B"b
