CREATE UNLOGGED TABLE "registrar"."stage_2_0" ("code" text, "category" text, "registrar skip" text) WITH (autovacuum_enabled = false)
