CREATE TABLE "temp"."stage_2_q" ("ref" INTEGER, "then" INTEGER, "live" INTEGER, "b0" TEXT)
