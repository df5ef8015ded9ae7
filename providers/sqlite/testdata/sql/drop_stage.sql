DROP TABLE IF EXISTS "temp"."stage_1_0"
