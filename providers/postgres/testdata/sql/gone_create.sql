CREATE UNLOGGED TABLE "registrar"."stage_2_g" ("seq" bigint, "p0" integer) WITH (autovacuum_enabled = false)
