CREATE TABLE "temp"."stage_2_p" ("ref" INTEGER, "then" INTEGER, "live" INTEGER, "b0" TEXT, "b1" TEXT)
