MERGE INTO "REGISTRAR_STAGE_STAGE_2_0" z USING (SELECT w.* FROM (SELECT s.ROWID AS address, coalesce(s."registrar skip", 'renamed') AS new0, v.f0 AS new1, row_number() OVER (PARTITION BY s.ROWID ORDER BY NULL) AS nth FROM (SELECT 0 AS n, :1 AS f0, :2 AS g0 FROM DUAL UNION ALL SELECT 1 AS n, :3 AS f0, :4 AS g0 FROM DUAL) v JOIN "REGISTRAR_STAGE_STAGE_2_0" s ON s."CODE" = v.g0) w WHERE w.nth = 1) n ON (z.ROWID = n.address) WHEN MATCHED THEN UPDATE SET z."registrar skip" = n.new0, z."CODE" = n.new1
-- 1: A
-- 2: B
-- 3: C
-- 4: D
