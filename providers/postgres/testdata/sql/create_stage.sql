CREATE UNLOGGED TABLE "registrar"."stage_1_0" ("a""b]c" text, "year" integer, "name" text, "amount" numeric(10,2), "visible" integer, "registrar skip" text) WITH (autovacuum_enabled = false)
