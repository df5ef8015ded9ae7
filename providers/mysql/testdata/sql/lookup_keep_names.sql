INSERT INTO `timetable_registrar_stage`.`stage_2_p` (`ref`, `then`, `live`, `b0`, `b1`) SELECT p.`id`, p.`id`, 0, v.f0, p.`origin` FROM (SELECT 0 AS n, (CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) AS f0, (CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) AS g0 UNION ALL SELECT 1 AS n, (CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) AS f0, (CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) AS g0) v JOIN `course` p ON (p.`code` = v.f0 OR p.`code` = v.g0) WHERE (p.`origin` COLLATE utf8mb4_nopad_bin) = ((CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) COLLATE utf8mb4_nopad_bin)
-- 1: A
-- 2: B
-- 3: C
-- 4: D
-- 5: OURS
