SELECT d."registrar rows", d."ab]c", TO_CHAR(d."YEAR", 'TM9') FROM (SELECT count(*) AS "registrar rows", t."ab]c", t."YEAR" FROM "ROOM" t WHERE t."ORIGIN" = :1 GROUP BY t."ab]c", t."YEAR" HAVING count(*) > 1 OR (t."ab]c" IS NULL OR t."YEAR" IS NULL)) d ORDER BY 2 FETCH FIRST 10 ROWS ONLY
-- 1: it's ours
