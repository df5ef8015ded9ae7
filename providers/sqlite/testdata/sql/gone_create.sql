CREATE TABLE "temp"."stage_2_g" ("seq" INTEGER, "p0" INTEGER)
