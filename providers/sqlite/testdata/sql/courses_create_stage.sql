CREATE TABLE "temp"."stage_2_0" ("code" TEXT, "category" TEXT, "registrar skip" TEXT)
