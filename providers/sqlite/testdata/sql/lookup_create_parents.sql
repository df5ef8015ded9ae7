CREATE TABLE "temp"."stage_2_p" ("ref" INTEGER, "live" INTEGER, "b0" TEXT, "b1" TEXT)
