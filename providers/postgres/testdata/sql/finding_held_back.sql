INSERT INTO "registrar"."finding" (plan_id, seq, sync, kind, "key", detail)
SELECT $1::text, 10 + row_number() OVER (), $2::text, 'held_back', o."key", json_object(ARRAY['operation']::text[], ARRAY[o.operation]::text[]) FROM "registrar"."operation" AS o WHERE o.plan_id = $3::text AND o.seq > 10 AND o.seq <= 20 AND o.operation IN ('archive', 'delete', 'purge')
-- 1: p
-- 2: sync.links
-- 3: p
