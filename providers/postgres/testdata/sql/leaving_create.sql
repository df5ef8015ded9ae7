CREATE UNLOGGED TABLE "registrar"."stage_2_v" ("course_id" integer, "student" text) WITH (autovacuum_enabled = false)
