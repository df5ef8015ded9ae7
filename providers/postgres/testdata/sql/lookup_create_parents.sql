CREATE UNLOGGED TABLE "registrar"."stage_2_p" ("ref" integer, "then" integer, "live" bigint, "b0" text, "b1" text) WITH (autovacuum_enabled = false)
