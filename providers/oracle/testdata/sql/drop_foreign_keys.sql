DELETE FROM "REGISTRAR_STAGE_STAGE_1_0" s WHERE s."registrar skip" IS NULL AND EXISTS (SELECT 1 FROM "ROOM" t WHERE t."ab]c" = s."ab]c" AND t."YEAR" = s."YEAR" AND (1 = 1) AND ((DECODE(t."ORIGIN", :1, 0, 1) = 1)))
-- 1: it's ours
