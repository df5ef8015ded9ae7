CREATE TABLE "temp"."stage_2_b" ("seq" INTEGER, "v0" INTEGER, "v1" TEXT)
