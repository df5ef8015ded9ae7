CREATE INDEX "temp"."stage_2_n_ref" ON "stage_2_n" ("needed")
