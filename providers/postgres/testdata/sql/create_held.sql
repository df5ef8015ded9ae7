CREATE UNLOGGED TABLE "registrar"."stage_2_h" ("seq" bigint) WITH (autovacuum_enabled = false)
