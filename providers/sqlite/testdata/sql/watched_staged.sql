SELECT CASE typeof(s."a""b]c") WHEN 'blob' THEN '\x' || lower(hex(s."a""b]c")) ELSE s."a""b]c" END, CASE typeof(s."year") WHEN 'text' THEN s."year" WHEN 'integer' THEN CAST(s."year" AS TEXT) WHEN 'real' THEN registrar_float(s."year") WHEN 'blob' THEN '\x' || lower(hex(s."year")) END FROM "temp"."stage_1_0" s WHERE s."a""b]c" = ?1 AND s."year" = CASE WHEN CAST(CAST(?2 AS INTEGER) AS TEXT) = ?3 THEN CAST(?4 AS INTEGER) ELSE ?5 END ORDER BY 1 LIMIT 10
-- 1: A
-- 2: 1
-- 3: 1
-- 4: 1
-- 5: 1
