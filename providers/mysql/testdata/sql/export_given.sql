SELECT count(*) FROM `room` t WHERE (t.`origin` COLLATE utf8mb4_nopad_bin) = ((CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin) COLLATE utf8mb4_nopad_bin) AND t.`a"b]c` IS NOT NULL
-- 1: it's ours
