INSERT INTO "registrar"."finding" (plan_id, seq, sync, kind, "key", detail)
SELECT $1::text, 10 + row_number() OVER (ORDER BY (CAST(json_object(ARRAY['a"b]c', 'year']::text[], ARRAY[CAST(t."a""b]c" AS text), CAST(t."year" AS text)]::text[]) AS text)) COLLATE "C", (CAST(json_object(ARRAY['origin']::text[], ARRAY[CAST(t."origin" AS text)]::text[]) AS text)) COLLATE "C"), $2::text, 'ignored', json_object(ARRAY['a"b]c', 'year']::text[], ARRAY[CAST(t."a""b]c" AS text), CAST(t."year" AS text)]::text[]), json_object(ARRAY['origin']::text[], ARRAY[CAST(t."origin" AS text)]::text[])
FROM "registrar"."stage_1_0" s JOIN "room" t ON t."a""b]c" = s."a""b]c" AND t."year" = s."year" WHERE s."registrar skip" IS NULL AND (1 = 1) AND (t."origin" IS DISTINCT FROM $3::text)
-- 1: p
-- 2: sync.rooms["hss"]
-- 3: it's ours
