SELECT CAST(p.`id` AS char), CASE WHEN ((CASE WHEN ((p.`category` COLLATE utf8mb4_nopad_bin) = ((CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) COLLATE utf8mb4_nopad_bin) AND p.`gone_on` IS NOT NULL) THEN 1 ELSE 0 END = 1)) THEN 1 ELSE 0 END FROM `course` p WHERE p.`code` = (CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) AND p.`origin` = (CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) ORDER BY 2, 1 LIMIT 10
-- 1: ARCHIVE
-- 2: A
-- 3: OURS
