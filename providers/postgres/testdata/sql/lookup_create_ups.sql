CREATE UNLOGGED TABLE "registrar"."stage_2_q" ("ref" integer, "then" integer, "live" bigint, "b0" text) WITH (autovacuum_enabled = false)
