SELECT count(*) FROM `link` f WHERE EXISTS (SELECT 1 FROM `course` t WHERE t.`id` = f.`course_id` AND (t.`origin` COLLATE utf8mb4_nopad_bin) = ((CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) COLLATE utf8mb4_nopad_bin)) AND ((CASE WHEN (f.`origin` COLLATE utf8mb4_nopad_bin) <=> ((CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) COLLATE utf8mb4_nopad_bin) THEN 1 ELSE 0 END = 0) OR NOT EXISTS (SELECT 1 FROM `course` o WHERE o.`id` = f.`course_id` AND (o.`origin` COLLATE utf8mb4_nopad_bin) = ((CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) COLLATE utf8mb4_nopad_bin)))
-- 1: OURS
-- 2: OURS
-- 3: OURS
