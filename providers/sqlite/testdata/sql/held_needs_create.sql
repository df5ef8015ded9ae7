CREATE TABLE "temp"."stage_2_n" ("seq" INTEGER, "needed" INTEGER)
