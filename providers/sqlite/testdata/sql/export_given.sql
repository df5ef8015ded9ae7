SELECT count(*) FROM "room" t WHERE t."origin" = ?1 AND t."a""b]c" IS NOT NULL
-- 1: it's ours
