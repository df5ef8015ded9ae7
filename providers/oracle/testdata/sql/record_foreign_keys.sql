INSERT INTO "REGISTRAR_FINDING" (plan_id, seq, sync, kind, "KEY", detail)
SELECT :1, 10 + row_number() OVER (ORDER BY CAST(JSON_OBJECT(KEY 'a"b]c' VALUE t."ab]c", KEY 'year' VALUE TO_CHAR(t."YEAR", 'TM9') NULL ON NULL RETURNING CLOB) AS VARCHAR2(4000)), CAST(JSON_OBJECT(KEY 'origin' VALUE t."ORIGIN" NULL ON NULL RETURNING CLOB) AS VARCHAR2(4000))), :2, 'ignored', JSON_OBJECT(KEY 'a"b]c' VALUE t."ab]c", KEY 'year' VALUE TO_CHAR(t."YEAR", 'TM9') NULL ON NULL RETURNING CLOB), JSON_OBJECT(KEY 'origin' VALUE t."ORIGIN" NULL ON NULL RETURNING CLOB)
FROM "REGISTRAR_STAGE_STAGE_1_0" s JOIN "ROOM" t ON t."ab]c" = s."ab]c" AND t."YEAR" = s."YEAR" WHERE s."registrar skip" IS NULL AND (1 = 1) AND ((DECODE(t."ORIGIN", :3, 0, 1) = 1))
-- 1: p
-- 2: sync.rooms["hss"]
-- 3: it's ours
