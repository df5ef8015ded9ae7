SELECT count(*) - count(r.archived), count(r.archived) FROM (SELECT CASE WHEN (t.`deleted_on` IS NOT NULL AND t.`deleted_on` <= CAST(REPLACE(?, 'Z', '') AS datetime(6))) THEN 1 END AS archived FROM `room` t WHERE (t.`origin` COLLATE utf8mb4_nopad_bin) = ((CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) COLLATE utf8mb4_nopad_bin)) r
-- 1: 2026-09-01 02:30:00Z
-- 2: it's ours
