DELETE FROM "registrar"."stage_2_e" AS e WHERE NOT EXISTS (SELECT 1 FROM "registrar"."stage_2_e" AS f WHERE f."child" = e."parent")
