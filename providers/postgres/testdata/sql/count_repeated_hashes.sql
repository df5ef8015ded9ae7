SELECT count(*) - count(DISTINCT pg_catalog.hashint8extended(CAST(s."year" AS bigint), pg_catalog.hashtextextended(s."a""b]c", 0))) FROM "registrar"."stage_1_0" s
