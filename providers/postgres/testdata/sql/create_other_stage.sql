CREATE UNLOGGED TABLE "registrar"."stage_1_1" ("year" integer, "name" text, "registrar skip" text) WITH (autovacuum_enabled = false)
