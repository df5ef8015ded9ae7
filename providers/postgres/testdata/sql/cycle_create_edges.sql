CREATE UNLOGGED TABLE "registrar"."stage_2_e" ("child" text, "parent" text) WITH (autovacuum_enabled = false)
