SELECT count(*), count(DISTINCT g."seq") FROM "link" f JOIN "registrar"."stage_2_g" g ON f."course_id" = g."p0" WHERE 1 = 1 AND NOT EXISTS (SELECT 1 FROM "registrar"."stage_2_v" l WHERE l."course_id" = f."course_id" AND l."student" = f."student" AND f."origin" = $1::text AND EXISTS (SELECT 1 FROM "course" o WHERE o."id" = f."course_id" AND o."origin" = $2::text))
-- 1: OURS
-- 2: OURS
