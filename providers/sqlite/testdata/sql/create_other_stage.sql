CREATE TABLE "temp"."stage_1_1" ("year" INTEGER, "name" TEXT, "registrar skip" TEXT)
