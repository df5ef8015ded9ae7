UPDATE "registrar"."stage_2_1" AS s SET "registrar skip" = 'its parent''s row is outside of the scope' WHERE s."registrar skip" IS NULL AND ((s."course_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "course" AS o WHERE o."id" = s."course_id" AND o."origin" = $1::text)) OR (s."course_id" IS NULL AND s."course_id.code" IS NULL))
-- 1: OURS
