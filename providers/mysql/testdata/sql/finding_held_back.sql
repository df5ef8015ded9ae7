INSERT INTO `registrar_finding` (plan_id, seq, sync, kind, `key`, detail)
SELECT ?, 10 + row_number() OVER (ORDER BY (CONVERT((CONVERT(CAST(x.`key` AS char) USING utf8mb4) COLLATE utf8mb4_nopad_bin) USING utf8mb4) COLLATE utf8mb4_nopad_bin), (CONVERT((CONVERT(CAST(x.operation AS char) USING utf8mb4) COLLATE utf8mb4_nopad_bin) USING utf8mb4) COLLATE utf8mb4_nopad_bin)), ?, 'held_back', x.`key`, CONCAT('{"operation": ', COALESCE(JSON_QUOTE(x.operation) COLLATE utf8mb4_nopad_bin, 'null'), '}') FROM `registrar_operation` x WHERE x.plan_id = ? AND x.seq > 10 AND x.seq <= 20 AND x.seq IN (SELECT h.`seq` FROM `timetable_registrar_stage`.`stage_2_h` h)
-- 1: p
-- 2: sync.links
-- 3: p
