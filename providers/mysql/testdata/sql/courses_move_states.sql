SELECT v.n, CASE WHEN EXISTS (SELECT 1 FROM `course` t WHERE t.`code` = v.f0 AND (t.`origin` COLLATE utf8mb4_nopad_bin) = ((CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) COLLATE utf8mb4_nopad_bin)) THEN 1 ELSE 0 END, CASE WHEN EXISTS (SELECT 1 FROM `course` t WHERE t.`code` = v.g0 AND (1 = 1)) THEN 1 ELSE 0 END, CASE WHEN EXISTS (SELECT 1 FROM `timetable_registrar_stage`.`stage_2_0` s WHERE s.`code` = v.f0) THEN 1 ELSE 0 END, CASE WHEN EXISTS (SELECT 1 FROM `timetable_registrar_stage`.`stage_2_0` s WHERE s.`code` = v.g0) THEN 1 ELSE 0 END FROM (SELECT 0 AS n, (CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) AS f0, (CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) AS g0 UNION ALL SELECT 1 AS n, (CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) AS f0, (CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) AS g0) v ORDER BY v.n
-- 1: OURS
-- 2: A
-- 3: B
-- 4: C
-- 5: D
