INSERT INTO "registrar"."operation" (plan_id, seq, sync, table_name, operation, "key", "before", "after")
SELECT $1::text, 10 + row_number() OVER (), $2::text, $3::text, d.operation, d.doc_key, d.doc_before, d.doc_after
FROM (SELECT m.operation AS operation, CASE m.operation WHEN 'insert' THEN json_object(ARRAY['code']::text[], ARRAY[CAST(m.s0 AS text)]::text[]) ELSE json_object(ARRAY['code']::text[], ARRAY[CAST(m.t1 AS text)]::text[]) END AS doc_key, CASE m.operation WHEN 'update' THEN json_object(ARRAY['category']::text[], ARRAY[CAST(m.t3 AS text)]::text[]) WHEN 'archive' THEN json_object(ARRAY['code', 'category', 'gone_on', 'up', 'id']::text[], ARRAY[CAST(m.t1 AS text), CAST(m.t3 AS text), replace(CAST(m.t5 AS text), '+00', 'Z'), CAST(m.t2 AS text), CAST(m.t0 AS text)]::text[]) WHEN 'undelete' THEN json_object(ARRAY['category']::text[], ARRAY[CAST(m.t3 AS text)]::text[]) WHEN 'purge' THEN json_object(ARRAY['id', 'code', 'up', 'category', 'origin', 'gone_on']::text[], ARRAY[CAST(m.t0 AS text), CAST(m.t1 AS text), CAST(m.t2 AS text), CAST(m.t3 AS text), CAST(m.t4 AS text), replace(CAST(m.t5 AS text), '+00', 'Z')]::text[]) END AS doc_before, CASE m.operation WHEN 'insert' THEN json_object(ARRAY['code', 'category', 'origin']::text[], ARRAY[CAST(m.s0 AS text), CAST(m.s1 AS text), $4::text]::text[]) WHEN 'update' THEN json_object(ARRAY['category']::text[], ARRAY[CAST(m.s1 AS text)]::text[]) WHEN 'archive' THEN CAST('{' || btrim(CAST(json_object(ARRAY['category']::text[], ARRAY[$5::text]::text[]) AS text), '{}') || ', ' || '"gone_on" : {"$":"now()"}' || ', ' || btrim(CAST(json_object(ARRAY['up']::text[], ARRAY[rtrim(substr(($6::text || coalesce(CAST(m.t1 AS text), '') || $7::text || coalesce(CAST(m.t0 AS text), '')), 1, 40), ' ')]::text[]) AS text), '{}') || '}' AS json) WHEN 'undelete' THEN json_object(ARRAY['category']::text[], ARRAY[CAST(m.s1 AS text)]::text[]) END AS doc_after FROM (SELECT * FROM (SELECT CASE WHEN t."code" IS NULL THEN 'insert' WHEN s."code" IS NULL AND ((CASE WHEN (t."category" = $8::text AND t."gone_on" IS NOT NULL) THEN 1 ELSE 0 END = 1) AND t."gone_on" IS NOT NULL AND t."gone_on" <= CAST($9::text AS timestamp with time zone)) THEN 'purge' WHEN s."code" IS NULL THEN 'archive' WHEN (CASE WHEN (t."category" = $10::text AND t."gone_on" IS NOT NULL) THEN 1 ELSE 0 END = 1) THEN 'undelete' ELSE 'update' END AS operation, s."code" AS s0, s."category" AS s1, t."id" AS t0, t."code" AS t1, t."up" AS t2, t."category" AS t3, t."origin" AS t4, t."gone_on" AS t5 FROM "registrar"."stage_2_0" s FULL OUTER JOIN (SELECT r."id", r."code", r."up", r."category", r."origin", r."gone_on" FROM "course" r WHERE r."origin" = $11::text) t ON t."code" = s."code" WHERE (t."code" IS NULL AND s."registrar skip" IS NULL OR s."code" IS NOT NULL AND t."code" IS NOT NULL AND s."registrar skip" IS NULL AND ((CASE WHEN (t."category" = $12::text AND t."gone_on" IS NOT NULL) THEN 1 ELSE 0 END = 1) OR s."category" IS DISTINCT FROM t."category") OR s."code" IS NULL AND ((CASE WHEN (t."category" = $13::text AND t."gone_on" IS NOT NULL) THEN 1 ELSE 0 END = 1) AND t."gone_on" IS NOT NULL AND t."gone_on" <= CAST($14::text AS timestamp with time zone)) OR s."code" IS NULL AND NOT (CASE WHEN (t."category" = $15::text AND t."gone_on" IS NOT NULL) THEN 1 ELSE 0 END = 1))) w WHERE NOT (w.operation <> 'insert' AND (CASE WHEN w.t1 IN ($16::text, $17::text) THEN 1 ELSE 0 END = 1))) m) d
-- 1: p
-- 2: sync.courses
-- 3: course
-- 4: OURS
-- 5: ARCHIVE
-- 6: it's 
-- 7: , 
-- 8: ARCHIVE
-- 9: 2025-09-01 02:30:00Z
-- 10: ARCHIVE
-- 11: OURS
-- 12: ARCHIVE
-- 13: ARCHIVE
-- 14: 2025-09-01 02:30:00Z
-- 15: ARCHIVE
-- 16: A
-- 17: B"b
