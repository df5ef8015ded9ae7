CREATE TABLE "temp"."stage_2_e" ("child" TEXT, "parent" TEXT)
