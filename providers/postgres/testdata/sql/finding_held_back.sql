INSERT INTO "registrar"."finding" (plan_id, seq, sync, kind, "key", detail)
SELECT $1::text, 10 + row_number() OVER (ORDER BY (CAST(x."key" AS text)) COLLATE "C", (CAST(x.operation AS text)) COLLATE "C"), $2::text, 'held_back', x."key", json_object(ARRAY['operation']::text[], ARRAY[x.operation]::text[]) FROM "registrar"."operation" x WHERE x.plan_id = $3::text AND x.seq > 10 AND x.seq <= 20 AND x.seq IN (SELECT h."seq" FROM "registrar"."stage_2_h" h)
-- 1: p
-- 2: sync.links
-- 3: p
