SELECT CASE typeof(p."id") WHEN 'text' THEN p."id" WHEN 'integer' THEN CAST(p."id" AS TEXT) WHEN 'real' THEN registrar_float(p."id") WHEN 'blob' THEN '\x' || lower(hex(p."id")) END, CASE WHEN ((CASE WHEN (p."category" = ?1 AND p."gone_on" IS NOT NULL) THEN 1 ELSE 0 END = 1)) THEN 1 ELSE 0 END FROM "course" p WHERE p."code" = ?2 AND p."origin" = ?3 ORDER BY 2, 1 LIMIT 10
-- 1: ARCHIVE
-- 2: A
-- 3: OURS
