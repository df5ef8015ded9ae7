INSERT INTO `registrar_finding` (plan_id, seq, sync, kind, `key`, detail)
SELECT ?, 10 + row_number() OVER (ORDER BY (CONVERT((CONVERT(CAST(d.doc_key AS char) USING utf8mb4) COLLATE utf8mb4_nopad_bin) USING utf8mb4) COLLATE utf8mb4_nopad_bin), (CONVERT((CONVERT(CAST(d.operation AS char) USING utf8mb4) COLLATE utf8mb4_nopad_bin) USING utf8mb4) COLLATE utf8mb4_nopad_bin)), ?, 'protected', d.doc_key, CONCAT('{"operation": ', COALESCE(JSON_QUOTE(d.operation) COLLATE utf8mb4_nopad_bin, 'null'), '}')
FROM (SELECT m.operation AS operation, CASE m.operation WHEN 'insert' THEN CONCAT('{"code": ', COALESCE(JSON_QUOTE((m.s0 COLLATE utf8mb4_nopad_bin)) COLLATE utf8mb4_nopad_bin, 'null'), '}') ELSE CONCAT('{"code": ', COALESCE(JSON_QUOTE((m.t1 COLLATE utf8mb4_nopad_bin)) COLLATE utf8mb4_nopad_bin, 'null'), '}') END AS doc_key FROM (SELECT * FROM (SELECT CASE WHEN (CASE WHEN ((t.`category` COLLATE utf8mb4_nopad_bin) = ((CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) COLLATE utf8mb4_nopad_bin) AND t.`gone_on` IS NOT NULL) THEN 1 ELSE 0 END = 1) THEN 'undelete' ELSE 'rename' END AS operation, s.`code` AS s0, s.`category` AS s1, t.`id` AS t0, t.`code` AS t1, t.`up` AS t2, t.`category` AS t3, t.`origin` AS t4, t.`gone_on` AS t5 FROM (SELECT 0 AS n, (CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) AS f0, (CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) AS g0 UNION ALL SELECT 1 AS n, (CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) AS f0, (CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) AS g0) v JOIN `timetable_registrar_stage`.`stage_2_0` s ON s.`code` = v.g0 JOIN (SELECT r.`id`, r.`code`, r.`up`, r.`category`, r.`origin`, r.`gone_on` FROM `course` r WHERE (r.`origin` COLLATE utf8mb4_nopad_bin) = ((CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) COLLATE utf8mb4_nopad_bin)) t ON t.`code` = v.f0 WHERE s.`registrar skip` IS NULL) w WHERE (w.operation <> 'insert' AND (CASE WHEN (w.t1 COLLATE utf8mb4_nopad_bin) IN (((CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) COLLATE utf8mb4_nopad_bin), ((CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) COLLATE utf8mb4_nopad_bin)) THEN 1 ELSE 0 END = 1))) m) d
-- 1: p
-- 2: sync.courses
-- 3: ARCHIVE
-- 4: A
-- 5: B
-- 6: C
-- 7: D
-- 8: OURS
-- 9: A
-- 10: B"b
