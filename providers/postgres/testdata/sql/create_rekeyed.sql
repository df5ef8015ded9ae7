CREATE UNLOGGED TABLE "registrar"."stage_2_k" ("seq" bigint, "p0" text) WITH (autovacuum_enabled = false)
