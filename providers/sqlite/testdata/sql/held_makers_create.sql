CREATE TABLE "temp"."stage_1_b" ("seq" INTEGER, "v0" TEXT, "v1" TEXT)
