CREATE UNLOGGED TABLE "registrar"."stage_2_n" ("seq" bigint, "needed" bigint) WITH (autovacuum_enabled = false)
