CREATE UNLOGGED TABLE "registrar"."stage_2_b" ("seq" bigint, "v0" integer, "v1" text) WITH (autovacuum_enabled = false)
