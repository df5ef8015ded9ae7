SELECT CASE WHEN t."origin" = $1::text AND EXISTS (SELECT 1 FROM "course" o WHERE o."id" = t."course_id" AND o."origin" = $2::text) THEN 1 ELSE 0 END, CASE WHEN (1 = 1) THEN 1 ELSE 0 END, CASE WHEN 1 = 0 THEN 1 ELSE 0 END, CASE WHEN 1 = 0 THEN 1 ELSE 0 END, CAST(t."id" AS text), CAST(t."course_id" AS text), (SELECT min(CAST(o."code" AS text)) FROM "course" o WHERE o."id" = t."course_id"), (SELECT min(CAST(o."origin" AS text)) FROM "course" o WHERE o."id" = t."course_id"), CAST(t."student" AS text), CAST(t."label" AS text), CAST(t."amount" AS text), replace(CAST(t."seen_on" AS text), '+00', 'Z'), CAST(t."up_id" AS text), (SELECT min(CAST(o."student" AS text)) FROM "link" o WHERE o."id" = t."up_id"), CAST(t."origin" AS text) FROM "link" t WHERE EXISTS (SELECT 1 FROM "course" o WHERE o."id" = t."course_id" AND o."code" = $3::text AND o."origin" = $4::text) AND t."student" = $5::text ORDER BY 1 DESC, 2 DESC LIMIT 10
-- 1: OURS
-- 2: OURS
-- 3: A
-- 4: OURS
-- 5: S
