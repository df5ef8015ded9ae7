CREATE INDEX ON "registrar"."stage_2_n" ("needed")
