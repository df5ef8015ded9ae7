DELETE FROM "registrar"."stage_1_0" AS s WHERE s."registrar skip" IS NULL AND EXISTS (SELECT 1 FROM "room" t WHERE t."a""b]c" = s."a""b]c" AND t."year" = s."year" AND (1 = 1) AND (t."origin" IS DISTINCT FROM $1::text))
-- 1: it's ours
