CREATE TABLE "temp"."stage_2_k" ("seq" INTEGER, "p0" TEXT)
