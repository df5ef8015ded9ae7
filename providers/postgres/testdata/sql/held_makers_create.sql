CREATE UNLOGGED TABLE "registrar"."stage_1_b" ("seq" bigint, "v0" text, "v1" text) WITH (autovacuum_enabled = false)
