CREATE TABLE "temp"."stage_1_0" ("a""b]c" TEXT, "year" INTEGER, "name" TEXT, "amount" NUMERIC, "visible" INTEGER, "registrar skip" TEXT)
