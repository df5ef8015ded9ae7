INSERT INTO "registrar"."stage_2_p" ("ref", "live", "b0", "b1") SELECT p."id", CASE WHEN ((CASE WHEN (p."category" = $1::text AND p."gone_on" IS NOT NULL) THEN 1 ELSE 0 END = 1)) THEN 0 ELSE 1 END, p."code", p."origin" FROM "course" AS p
-- 1: ARCHIVE
