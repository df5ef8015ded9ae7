SELECT count(*) FROM (SELECT o.seq AS seq, o.`key` AS `held_key`, d0.`k0` AS `k0`, d0.`k1` AS `k1`, o.`before` AS `held_before`, o.`after` AS `held_after` FROM `registrar_operation` AS o LEFT JOIN JSON_TABLE(o.`key`, '$' COLUMNS (`k0` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$."a\"b]c"' DEFAULT '{"$":"now()"}' ON ERROR, `k1` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$."year"' DEFAULT '{"$":"now()"}' ON ERROR)) AS d0 ON TRUE WHERE o.plan_id = ? AND o.seq > 10 AND o.seq <= 20 AND o.sync = ? AND o.operation = 'archive' AND o.result IS NULL LIMIT 18446744073709551615) x WHERE ((x.k0 = ? AND x.k1 = ? OR x.k0 = ? AND x.k1 = ?))
-- 1: p
-- 2: sync.rooms["hss"]
-- 3: A
-- 4: 1
-- 5: A
-- 6: 1
