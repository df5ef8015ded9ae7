SELECT count(*) - count(r.archived), count(r.archived) FROM (SELECT CASE WHEN (t."DELETED_ON" IS NOT NULL AND t."DELETED_ON" <= FROM_TZ(TO_TIMESTAMP(RTRIM(:1, 'Z'), 'YYYY-MM-DD HH24:MI:SS.FF9'), '+00:00')) THEN 1 END AS archived FROM "ROOM" t WHERE t."ORIGIN" = :2) r
-- 1: 2026-09-01 02:30:00Z
-- 2: it's ours
