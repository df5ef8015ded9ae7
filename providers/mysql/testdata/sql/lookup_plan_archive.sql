UPDATE `timetable_registrar_stage`.`stage_2_p` AS v JOIN (SELECT p.`id` AS ref FROM (SELECT o.seq AS seq, d0.`k0` AS `k0` FROM `registrar_operation` AS o LEFT JOIN JSON_TABLE(o.`key`, '$' COLUMNS (`k0` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$."code"' DEFAULT '{"$":"now()"}' ON ERROR)) AS d0 ON TRUE WHERE o.plan_id = ? AND o.seq > 10 AND o.seq <= 20 AND o.sync = ? AND o.operation = 'archive' LIMIT 18446744073709551615) x JOIN `course` p ON p.`code` = (CONVERT(x.k0 USING utf8mb4) COLLATE utf8mb4_nopad_bin) AND (p.`origin` COLLATE utf8mb4_nopad_bin) = ((CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) COLLATE utf8mb4_nopad_bin)) y SET v.`live` = 0 WHERE v.`ref` = y.ref
-- 1: p
-- 2: sync.courses
-- 3: OURS
