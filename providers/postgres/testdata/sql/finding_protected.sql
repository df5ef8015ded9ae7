INSERT INTO "registrar"."finding" (plan_id, seq, sync, kind, "key", detail)
SELECT $1::text, 10 + row_number() OVER (ORDER BY (CAST(d.doc_key AS text)) COLLATE "C", (CAST(d.operation AS text)) COLLATE "C"), $2::text, 'protected', d.doc_key, json_object(ARRAY['operation']::text[], ARRAY[d.operation]::text[])
FROM (SELECT m.operation AS operation, CASE m.operation WHEN 'insert' THEN json_object(ARRAY['code']::text[], ARRAY[CAST(m.s0 AS text)]::text[]) ELSE json_object(ARRAY['code']::text[], ARRAY[CAST(m.t1 AS text)]::text[]) END AS doc_key FROM (SELECT * FROM (SELECT CASE WHEN t."code" IS NULL THEN 'insert' WHEN s."code" IS NULL AND ((CASE WHEN (t."category" = $3::text AND t."gone_on" IS NOT NULL) THEN 1 ELSE 0 END = 1) AND t."gone_on" IS NOT NULL AND t."gone_on" <= CAST($4::text AS timestamp with time zone)) THEN 'purge' WHEN s."code" IS NULL THEN 'archive' WHEN (CASE WHEN (t."category" = $5::text AND t."gone_on" IS NOT NULL) THEN 1 ELSE 0 END = 1) THEN 'undelete' ELSE 'update' END AS operation, s."code" AS s0, s."category" AS s1, t."id" AS t0, t."code" AS t1, t."up" AS t2, t."category" AS t3, t."origin" AS t4, t."gone_on" AS t5 FROM "registrar"."stage_2_0" s FULL OUTER JOIN (SELECT r."id", r."code", r."up", r."category", r."origin", r."gone_on" FROM "course" r WHERE r."origin" = $6::text) t ON t."code" = s."code" WHERE (t."code" IS NULL AND s."registrar skip" IS NULL OR s."code" IS NOT NULL AND t."code" IS NOT NULL AND s."registrar skip" IS NULL AND ((CASE WHEN (t."category" = $7::text AND t."gone_on" IS NOT NULL) THEN 1 ELSE 0 END = 1) OR s."category" IS DISTINCT FROM t."category") OR s."code" IS NULL AND ((CASE WHEN (t."category" = $8::text AND t."gone_on" IS NOT NULL) THEN 1 ELSE 0 END = 1) AND t."gone_on" IS NOT NULL AND t."gone_on" <= CAST($9::text AS timestamp with time zone)) OR s."code" IS NULL AND NOT (CASE WHEN (t."category" = $10::text AND t."gone_on" IS NOT NULL) THEN 1 ELSE 0 END = 1))) w WHERE (w.operation <> 'insert' AND (CASE WHEN w.t1 IN ($11::text, $12::text) THEN 1 ELSE 0 END = 1))) m) d
-- 1: p
-- 2: sync.courses
-- 3: ARCHIVE
-- 4: 2025-09-01 02:30:00Z
-- 5: ARCHIVE
-- 6: OURS
-- 7: ARCHIVE
-- 8: ARCHIVE
-- 9: 2025-09-01 02:30:00Z
-- 10: ARCHIVE
-- 11: A
-- 12: B"b
