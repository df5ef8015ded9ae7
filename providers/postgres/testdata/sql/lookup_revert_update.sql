INSERT INTO "registrar"."operation" (plan_id, seq, sync, table_name, operation, "key", "before", "after")
SELECT $1::text, 10 + row_number() OVER (), $2::text, $3::text, 'update', d.doc_key, d.doc_before, d.doc_after FROM (SELECT x.seq AS undone, json_object(ARRAY['course_id', 'course_id.code', 'course_id.origin', 'student']::text[], ARRAY[CAST(t."course_id" AS text), (SELECT min(CAST(o."code" AS text)) FROM "course" o WHERE o."id" = t."course_id"), (SELECT min(CAST(o."origin" AS text)) FROM "course" o WHERE o."id" = t."course_id"), CAST(t."student" AS text)]::text[]) AS doc_key, json_object(ARRAY['id', 'course_id', 'student', 'label', 'amount', 'seen_on', 'up_id', 'origin']::text[], ARRAY[CAST(t."id" AS text), CAST(t."course_id" AS text), CAST(t."student" AS text), CAST(t."label" AS text), CAST(t."amount" AS text), replace(CAST(t."seen_on" AS text), '+00', 'Z'), CAST(t."up_id" AS text), CAST(t."origin" AS text)]::text[]) AS doc_before, json_object(ARRAY['id', 'course_id', 'student', 'label', 'amount', 'seen_on', 'up_id', 'origin']::text[], ARRAY[CAST(t."id" AS text), CAST(t."course_id" AS text), CAST(t."student" AS text), x.b0, CAST(t."amount" AS text), replace(CAST(t."seen_on" AS text), '+00', 'Z'), CAST(t."up_id" AS text), CAST(t."origin" AS text)]::text[]) AS doc_after FROM (SELECT o.seq, o."key" AS "held_key", d0."course_id" AS "k0", d0."course_id.code" AS "k1", d0."course_id.origin" AS "k2", d0."student" AS "k3", o."before" AS "held_before", d1."label" AS "b0", o."after" AS "held_after", d2."label" AS "a0" FROM "registrar"."operation" AS o CROSS JOIN LATERAL json_to_record(o."key") AS d0("course_id" text, "course_id.code" text, "course_id.origin" text, "student" text) CROSS JOIN LATERAL json_to_record(o."before") AS d1("label" text) CROSS JOIN LATERAL json_to_record(o."after") AS d2("label" text) WHERE o.plan_id = $4::text AND o.seq > 10 AND o.seq <= 20 AND o.sync = $5::text AND o.operation = 'update' AND o.result IS NULL) x JOIN "link" t ON t."course_id" = CAST(x.k0 AS integer) AND t."student" = x.k3 AND t."origin" = $6::text AND EXISTS (SELECT 1 FROM "course" o WHERE o."id" = t."course_id" AND o."origin" = $7::text) WHERE CAST(x.held_key AS text) COLLATE "C" IS NOT DISTINCT FROM CAST(json_object(ARRAY['course_id', 'course_id.code', 'course_id.origin', 'student']::text[], ARRAY[x.k0, x.k1, x.k2, x.k3]::text[]) AS text) COLLATE "C" AND CAST(x.held_before AS text) COLLATE "C" IS NOT DISTINCT FROM CAST(json_object(ARRAY['label']::text[], ARRAY[x.b0]::text[]) AS text) COLLATE "C" AND CAST(x.held_after AS text) COLLATE "C" IS NOT DISTINCT FROM CAST(json_object(ARRAY['label']::text[], ARRAY[x.a0]::text[]) AS text) COLLATE "C" AND ((x.k1 = $8::text AND x.k2 = $9::text AND x.k3 = $10::text OR x.k1 = $11::text AND x.k2 = $12::text AND x.k3 = $13::text)) AND t."course_id" = CAST(x.k0 AS integer) AND t."student" = x.k3 AND t."origin" = $14::text AND EXISTS (SELECT 1 FROM "course" o WHERE o."id" = t."course_id" AND o."origin" = $15::text) AND 1 = 1 AND CAST(t."label" AS text) IS NOT DISTINCT FROM x.a0 AND (CAST(t."label" AS text) IS DISTINCT FROM x.b0)) d
-- 1: q
-- 2: sync.links
-- 3: link
-- 4: p
-- 5: sync.links
-- 6: OURS
-- 7: OURS
-- 8: A
-- 9: OURS
-- 10: S
-- 11: A
-- 12: OURS
-- 13: S
-- 14: OURS
-- 15: OURS
