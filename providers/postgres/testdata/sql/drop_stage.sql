DROP TABLE IF EXISTS "registrar"."stage_1_0"
