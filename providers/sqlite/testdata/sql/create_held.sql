CREATE TABLE "temp"."stage_2_h" ("seq" INTEGER)
