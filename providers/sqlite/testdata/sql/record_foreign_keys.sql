INSERT INTO "registrar_finding" (plan_id, seq, sync, kind, "key", detail)
SELECT ?1, 10 + row_number() OVER (), ?2, 'ignored', json_object('a"b]c', CASE typeof(t."a""b]c") WHEN 'blob' THEN '\x' || lower(hex(t."a""b]c")) ELSE t."a""b]c" END, 'year', CASE typeof(t."year") WHEN 'text' THEN t."year" WHEN 'integer' THEN CAST(t."year" AS TEXT) WHEN 'real' THEN registrar_float(t."year") WHEN 'blob' THEN '\x' || lower(hex(t."year")) END), json_object('origin', CASE typeof(t."origin") WHEN 'blob' THEN '\x' || lower(hex(t."origin")) ELSE t."origin" END)
FROM "temp"."stage_1_0" AS s JOIN "room" AS t ON t."a""b]c" = s."a""b]c" AND t."year" = s."year" WHERE s."registrar skip" IS NULL AND (1 = 1) AND (t."origin" IS DISTINCT FROM ?3)
-- 1: p
-- 2: sync.rooms["hss"]
-- 3: it's ours
