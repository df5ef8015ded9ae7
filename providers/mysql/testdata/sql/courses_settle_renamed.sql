UPDATE `timetable_registrar_stage`.`stage_2_0` AS s JOIN (SELECT 0 AS n, (CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) AS f0, (CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) AS g0 UNION ALL SELECT 1 AS n, (CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) AS f0, (CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) AS g0) v SET s.`registrar skip` = coalesce(s.`registrar skip`, 'renamed'), s.`code` = v.f0 WHERE s.`code` = v.g0
-- 1: A
-- 2: B
-- 3: C
-- 4: D
