SELECT CASE WHEN (t.`origin` COLLATE utf8mb4_nopad_bin) = ((CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) COLLATE utf8mb4_nopad_bin) THEN 1 ELSE 0 END, CASE WHEN (1 = 1) THEN 1 ELSE 0 END, CASE WHEN (t.`deleted_on` IS NOT NULL AND t.`deleted_on` <= CAST(REPLACE(?, 'Z', '') AS datetime(6))) THEN 1 ELSE 0 END, CASE WHEN 1 = 0 THEN 1 ELSE 0 END, (t.`a"b]c` COLLATE utf8mb4_nopad_bin), CAST(t.`year` AS char), (t.`name` COLLATE utf8mb4_nopad_bin), CAST(t.`amount` AS char), CAST(t.`visible` AS char), (t.`origin` COLLATE utf8mb4_nopad_bin), CONCAT(TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST(t.`updated_on` AS char))), 'Z'), CONCAT(TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST(t.`deleted_on` AS char))), 'Z') FROM `room` t WHERE t.`a"b]c` = (CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) AND t.`year` = CAST(? AS signed) ORDER BY 1 DESC, 2 DESC LIMIT 10
-- 1: it's ours
-- 2: 2026-09-01 02:30:00Z
-- 3: A
-- 4: 1
