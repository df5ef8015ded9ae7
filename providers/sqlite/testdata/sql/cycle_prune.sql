DELETE FROM "temp"."stage_2_e" AS d WHERE 1 = 1 AND "parent" IN (SELECT e."parent" FROM "temp"."stage_2_e" e WHERE NOT EXISTS (SELECT 1 FROM "temp"."stage_2_e" f WHERE f."child" = e."parent"))
