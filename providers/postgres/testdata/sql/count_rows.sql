SELECT count(*) - count(r.archived), count(r.archived) FROM (SELECT CASE WHEN (t."deleted_on" IS NOT NULL AND t."deleted_on" <= CAST($1::text AS timestamp with time zone)) THEN 1 END AS archived FROM "room" t WHERE t."origin" = $2::text) r
-- 1: 2026-09-01 02:30:00Z
-- 2: it's ours
