SELECT count(*) FROM "link" f WHERE EXISTS (SELECT 1 FROM "course" t WHERE t."id" = f."course_id" AND t."origin" = $1::text) AND (f."origin" IS DISTINCT FROM $2::text OR NOT EXISTS (SELECT 1 FROM "course" o WHERE o."id" = f."course_id" AND o."origin" = $3::text))
-- 1: OURS
-- 2: OURS
-- 3: OURS
