INSERT INTO `timetable_registrar_stage`.`stage_2_g` (`seq`, `p0`) SELECT x.seq, t.`id` FROM (SELECT o.seq AS seq, d0.`k0` AS `k0` FROM `registrar_operation` AS o LEFT JOIN JSON_TABLE(o.`key`, '$' COLUMNS (`k0` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$."code"' DEFAULT '{"$":"now()"}' ON ERROR)) AS d0 ON TRUE WHERE o.plan_id = ? AND o.seq > 0 AND o.seq <= 10 AND o.sync = ? AND o.operation = 'purge' LIMIT 18446744073709551615) x JOIN `course` t ON t.`code` = (CONVERT(x.k0 USING utf8mb4) COLLATE utf8mb4_nopad_bin) AND (t.`origin` COLLATE utf8mb4_nopad_bin) = ((CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) COLLATE utf8mb4_nopad_bin)
-- 1: p
-- 2: sync.courses
-- 3: OURS
