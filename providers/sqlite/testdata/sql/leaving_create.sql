CREATE TABLE "temp"."stage_2_v" ("course_id" INTEGER, "student" TEXT)
