CREATE TABLE "registrar_meta" (
  "version" INTEGER NOT NULL,
  "identity" TEXT NOT NULL,
  "created_on" TEXT NOT NULL
);

CREATE TABLE "registrar_plan" (
  "id" TEXT NOT NULL,
  "created_on" TEXT NOT NULL,
  "created_by" TEXT NOT NULL,
  "config_digest" TEXT NOT NULL,
  "git_commit" TEXT,
  "expires_on" TEXT NOT NULL,
  "speculative" BOOLEAN NOT NULL,
  "status" TEXT NOT NULL,
  "digest" TEXT NOT NULL,
  "summary" TEXT NOT NULL,
  PRIMARY KEY (id)
);

CREATE TABLE "registrar_operation" (
  "plan_id" TEXT NOT NULL,
  "seq" INTEGER NOT NULL,
  "sync" TEXT NOT NULL,
  "table_name" TEXT NOT NULL,
  "operation" TEXT NOT NULL,
  "key" TEXT NOT NULL,
  "before" TEXT,
  "after" TEXT,
  "result" TEXT,
  PRIMARY KEY (plan_id, seq)
);

CREATE TABLE "registrar_finding" (
  "plan_id" TEXT NOT NULL,
  "seq" INTEGER NOT NULL,
  "sync" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "key" TEXT,
  "message" TEXT,
  "detail" TEXT,
  PRIMARY KEY (plan_id, seq)
);

CREATE TABLE "registrar_execution" (
  "plan_id" TEXT NOT NULL,
  "executed_on" TEXT NOT NULL,
  "executed_by" TEXT NOT NULL,
  PRIMARY KEY (plan_id)
);

CREATE VIEW "registrar_import_reg" AS SELECT CASE WHEN o.operation IN ('archive', 'purge') THEN 'delete' WHEN o.operation IN ('rename', 'adopt') THEN 'update' ELSE o.operation END AS operation,
  (SELECT group_concat(j.value, '/') FROM json_each(o."key") AS j WHERE NOT EXISTS (SELECT 1 FROM json_each(o."key") AS l WHERE substr(l.key, 1, length(j.key) + 1) = j.key || '.')) AS source_code,
  o.table_name AS table_name,
  c.key AS field_name,
  CASE WHEN b.key IS NULL THEN k.value ELSE b.value END AS from_value,
  CASE WHEN c.type <> 'null' THEN c.value WHEN (c.type = 'null' AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE l.type <> 'null' AND substr(l.key, 1, length(c.key) + 1) = c.key || '.')) THEN (SELECT r.value FROM json_each(o."result") AS r WHERE r.key = c.key) END AS to_value,
  CASE
    WHEN o.operation = 'insert' THEN 'INSERT INTO ' || '"' || replace(o.table_name, '"', '""') || '"' || ' (' || (SELECT group_concat('"' || replace(j.key, '"', '""') || '"', ', ') FROM json_each(o."after") AS j WHERE NOT (instr(j.key, '.') > 0 AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE substr(j.key, 1, length(l.key) + 1) = l.key || '.'))) || ') VALUES (' || (SELECT group_concat(CASE j.type WHEN 'object' THEN CASE WHEN e.executed_on IS NULL THEN 'CURRENT_TIMESTAMP' ELSE quote(e.executed_on) END
      ELSE (SELECT CASE WHEN v.text IS NULL THEN CASE WHEN (j.type = 'null' AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE l.type <> 'null' AND substr(l.key, 1, length(j.key) + 1) = j.key || '.')) THEN 'NULL /* known after apply */' ELSE 'NULL' END
        WHEN v.text IN ('true', 'false') AND (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE 'BOOL%' THEN CASE v.text WHEN 'true' THEN '1' ELSE '0' END
        WHEN v.text GLOB '\x*' AND ((SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BLOB%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BINARY%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) = 'BYTEA') THEN 'x''' || substr(v.text, 3) || ''''
        ELSE quote(v.text) END FROM (SELECT CASE WHEN j.type <> 'null' THEN j.value WHEN (j.type = 'null' AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE l.type <> 'null' AND substr(l.key, 1, length(j.key) + 1) = j.key || '.')) THEN (SELECT r.value FROM json_each(o."result") AS r WHERE r.key = j.key) END AS text) AS v) END, ', ') FROM json_each(o."after") AS j WHERE NOT (instr(j.key, '.') > 0 AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE substr(j.key, 1, length(l.key) + 1) = l.key || '.'))) || ')'
    WHEN o.operation IN ('update', 'rename', 'adopt') THEN 'UPDATE ' || '"' || replace(o.table_name, '"', '""') || '"' || ' SET ' || (SELECT group_concat('"' || replace(j.key, '"', '""') || '"' || ' = ' || CASE j.type WHEN 'object' THEN CASE WHEN e.executed_on IS NULL THEN 'CURRENT_TIMESTAMP' ELSE quote(e.executed_on) END
      ELSE (SELECT CASE WHEN v.text IS NULL THEN CASE WHEN (j.type = 'null' AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE l.type <> 'null' AND substr(l.key, 1, length(j.key) + 1) = j.key || '.')) THEN 'NULL /* known after apply */' ELSE 'NULL' END
        WHEN v.text IN ('true', 'false') AND (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE 'BOOL%' THEN CASE v.text WHEN 'true' THEN '1' ELSE '0' END
        WHEN v.text GLOB '\x*' AND ((SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BLOB%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BINARY%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) = 'BYTEA') THEN 'x''' || substr(v.text, 3) || ''''
        ELSE quote(v.text) END FROM (SELECT CASE WHEN j.type <> 'null' THEN j.value WHEN (j.type = 'null' AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE l.type <> 'null' AND substr(l.key, 1, length(j.key) + 1) = j.key || '.')) THEN (SELECT r.value FROM json_each(o."result") AS r WHERE r.key = j.key) END AS text) AS v) END, ', ') FROM json_each(o."after") AS j WHERE NOT (instr(j.key, '.') > 0 AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE substr(j.key, 1, length(l.key) + 1) = l.key || '.')) AND (j.type = 'object' OR j.key = c.key OR substr(c.key, 1, length(j.key) + 1) = j.key || '.')) || ' WHERE ' || (SELECT group_concat('"' || replace(j.key, '"', '""') || '"' || CASE j.type WHEN 'null' THEN ' IS NULL' ELSE ' = ' || CASE j.type WHEN 'object' THEN CASE WHEN e.executed_on IS NULL THEN 'CURRENT_TIMESTAMP' ELSE quote(e.executed_on) END
      ELSE (SELECT CASE WHEN v.text IS NULL THEN CASE WHEN (j.type = 'null' AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE l.type <> 'null' AND substr(l.key, 1, length(j.key) + 1) = j.key || '.')) THEN 'NULL /* known after apply */' ELSE 'NULL' END
        WHEN v.text IN ('true', 'false') AND (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE 'BOOL%' THEN CASE v.text WHEN 'true' THEN '1' ELSE '0' END
        WHEN v.text GLOB '\x*' AND ((SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BLOB%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BINARY%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) = 'BYTEA') THEN 'x''' || substr(v.text, 3) || ''''
        ELSE quote(v.text) END FROM (SELECT CASE WHEN j.type <> 'null' THEN j.value WHEN (j.type = 'null' AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE l.type <> 'null' AND substr(l.key, 1, length(j.key) + 1) = j.key || '.')) THEN (SELECT r.value FROM json_each(o."result") AS r WHERE r.key = j.key) END AS text) AS v) END END, ' AND ') FROM json_each(o."key") AS j WHERE NOT (instr(j.key, '.') > 0 AND EXISTS (SELECT 1 FROM json_each(o."key") AS l WHERE substr(j.key, 1, length(l.key) + 1) = l.key || '.')))
    WHEN o.operation IN ('delete', 'purge') THEN 'DELETE FROM ' || '"' || replace(o.table_name, '"', '""') || '"' || ' WHERE ' || (SELECT group_concat('"' || replace(j.key, '"', '""') || '"' || CASE j.type WHEN 'null' THEN ' IS NULL' ELSE ' = ' || CASE j.type WHEN 'object' THEN CASE WHEN e.executed_on IS NULL THEN 'CURRENT_TIMESTAMP' ELSE quote(e.executed_on) END
      ELSE (SELECT CASE WHEN v.text IS NULL THEN CASE WHEN (j.type = 'null' AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE l.type <> 'null' AND substr(l.key, 1, length(j.key) + 1) = j.key || '.')) THEN 'NULL /* known after apply */' ELSE 'NULL' END
        WHEN v.text IN ('true', 'false') AND (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE 'BOOL%' THEN CASE v.text WHEN 'true' THEN '1' ELSE '0' END
        WHEN v.text GLOB '\x*' AND ((SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BLOB%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BINARY%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) = 'BYTEA') THEN 'x''' || substr(v.text, 3) || ''''
        ELSE quote(v.text) END FROM (SELECT CASE WHEN j.type <> 'null' THEN j.value WHEN (j.type = 'null' AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE l.type <> 'null' AND substr(l.key, 1, length(j.key) + 1) = j.key || '.')) THEN (SELECT r.value FROM json_each(o."result") AS r WHERE r.key = j.key) END AS text) AS v) END END, ' AND ') FROM json_each(o."key") AS j WHERE NOT (instr(j.key, '.') > 0 AND EXISTS (SELECT 1 FROM json_each(o."key") AS l WHERE substr(j.key, 1, length(l.key) + 1) = l.key || '.')))
    ELSE 'UPDATE ' || '"' || replace(o.table_name, '"', '""') || '"' || ' SET ' || (SELECT group_concat('"' || replace(j.key, '"', '""') || '"' || ' = ' || CASE j.type WHEN 'object' THEN CASE WHEN e.executed_on IS NULL THEN 'CURRENT_TIMESTAMP' ELSE quote(e.executed_on) END
      ELSE (SELECT CASE WHEN v.text IS NULL THEN CASE WHEN (j.type = 'null' AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE l.type <> 'null' AND substr(l.key, 1, length(j.key) + 1) = j.key || '.')) THEN 'NULL /* known after apply */' ELSE 'NULL' END
        WHEN v.text IN ('true', 'false') AND (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE 'BOOL%' THEN CASE v.text WHEN 'true' THEN '1' ELSE '0' END
        WHEN v.text GLOB '\x*' AND ((SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BLOB%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BINARY%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) = 'BYTEA') THEN 'x''' || substr(v.text, 3) || ''''
        ELSE quote(v.text) END FROM (SELECT CASE WHEN j.type <> 'null' THEN j.value WHEN (j.type = 'null' AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE l.type <> 'null' AND substr(l.key, 1, length(j.key) + 1) = j.key || '.')) THEN (SELECT r.value FROM json_each(o."result") AS r WHERE r.key = j.key) END AS text) AS v) END, ', ') FROM json_each(o."after") AS j WHERE NOT (instr(j.key, '.') > 0 AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE substr(j.key, 1, length(l.key) + 1) = l.key || '.'))) || ' WHERE ' || (SELECT group_concat('"' || replace(j.key, '"', '""') || '"' || CASE j.type WHEN 'null' THEN ' IS NULL' ELSE ' = ' || CASE j.type WHEN 'object' THEN CASE WHEN e.executed_on IS NULL THEN 'CURRENT_TIMESTAMP' ELSE quote(e.executed_on) END
      ELSE (SELECT CASE WHEN v.text IS NULL THEN CASE WHEN (j.type = 'null' AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE l.type <> 'null' AND substr(l.key, 1, length(j.key) + 1) = j.key || '.')) THEN 'NULL /* known after apply */' ELSE 'NULL' END
        WHEN v.text IN ('true', 'false') AND (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE 'BOOL%' THEN CASE v.text WHEN 'true' THEN '1' ELSE '0' END
        WHEN v.text GLOB '\x*' AND ((SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BLOB%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BINARY%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) = 'BYTEA') THEN 'x''' || substr(v.text, 3) || ''''
        ELSE quote(v.text) END FROM (SELECT CASE WHEN j.type <> 'null' THEN j.value WHEN (j.type = 'null' AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE l.type <> 'null' AND substr(l.key, 1, length(j.key) + 1) = j.key || '.')) THEN (SELECT r.value FROM json_each(o."result") AS r WHERE r.key = j.key) END AS text) AS v) END END, ' AND ') FROM json_each(o."key") AS j WHERE NOT (instr(j.key, '.') > 0 AND EXISTS (SELECT 1 FROM json_each(o."key") AS l WHERE substr(j.key, 1, length(l.key) + 1) = l.key || '.')))
  END AS sql,
  p.created_on AS created_on,
  e.executed_on AS executed_on,
  o.plan_id AS import_hash
FROM "registrar_operation" AS o
LEFT JOIN "registrar_plan" AS p ON p.id = o.plan_id
LEFT JOIN "registrar_execution" AS e ON e.plan_id = o.plan_id
LEFT JOIN json_each(CASE WHEN o.operation IN ('update', 'rename', 'adopt') THEN o."after" END) AS c
LEFT JOIN json_each(CASE WHEN o.operation IN ('update', 'rename', 'adopt') THEN o."before" END) AS b ON b.key = c.key
LEFT JOIN json_each(CASE WHEN o.operation IN ('update', 'rename', 'adopt') THEN o."key" END) AS k ON k.key = c.key
WHERE NOT o.operation IN ('update', 'rename', 'adopt') OR c.type <> 'object' AND CASE WHEN c.type <> 'null' THEN c.value WHEN (c.type = 'null' AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE l.type <> 'null' AND substr(l.key, 1, length(c.key) + 1) = c.key || '.')) THEN (SELECT r.value FROM json_each(o."result") AS r WHERE r.key = c.key) END IS NOT CASE WHEN b.key IS NULL THEN k.value ELSE b.value END
  AND NOT ((c.type = 'null' AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE l.type <> 'null' AND substr(l.key, 1, length(c.key) + 1) = c.key || '.')) AND CASE WHEN c.type <> 'null' THEN c.value WHEN (c.type = 'null' AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE l.type <> 'null' AND substr(l.key, 1, length(c.key) + 1) = c.key || '.')) THEN (SELECT r.value FROM json_each(o."result") AS r WHERE r.key = c.key) END IS NULL);

DROP VIEW "registrar_import_reg";

CREATE VIEW "registrar_import_reg" AS SELECT CASE WHEN o.operation IN ('archive', 'purge') THEN 'delete' WHEN o.operation IN ('rename', 'adopt') THEN 'update' ELSE o.operation END AS operation,
  (SELECT group_concat(j.value, '/') FROM json_each(o."key") AS j WHERE NOT EXISTS (SELECT 1 FROM json_each(o."key") AS l WHERE substr(l.key, 1, length(j.key) + 1) = j.key || '.')) AS source_code,
  o.table_name AS table_name,
  c.key AS field_name,
  CASE WHEN b.key IS NULL THEN k.value ELSE b.value END AS from_value,
  CASE WHEN c.type <> 'null' THEN c.value WHEN (c.type = 'null' AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE l.type <> 'null' AND substr(l.key, 1, length(c.key) + 1) = c.key || '.')) THEN (SELECT r.value FROM json_each(o."result") AS r WHERE r.key = c.key) END AS to_value,
  CASE
    WHEN o.operation = 'insert' THEN 'INSERT INTO ' || '"' || replace(o.table_name, '"', '""') || '"' || ' (' || (SELECT group_concat('"' || replace(j.key, '"', '""') || '"', ', ') FROM json_each(o."after") AS j WHERE NOT (instr(j.key, '.') > 0 AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE substr(j.key, 1, length(l.key) + 1) = l.key || '.'))) || ') VALUES (' || (SELECT group_concat(CASE j.type WHEN 'object' THEN CASE WHEN e.executed_on IS NULL THEN 'CURRENT_TIMESTAMP' ELSE quote(e.executed_on) END
      ELSE (SELECT CASE WHEN v.text IS NULL THEN CASE WHEN (j.type = 'null' AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE l.type <> 'null' AND substr(l.key, 1, length(j.key) + 1) = j.key || '.')) THEN 'NULL /* known after apply */' ELSE 'NULL' END
        WHEN v.text IN ('true', 'false') AND (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE 'BOOL%' THEN CASE v.text WHEN 'true' THEN '1' ELSE '0' END
        WHEN v.text GLOB '\x*' AND ((SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BLOB%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BINARY%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) = 'BYTEA') THEN 'x''' || substr(v.text, 3) || ''''
        ELSE quote(v.text) END FROM (SELECT CASE WHEN j.type <> 'null' THEN j.value WHEN (j.type = 'null' AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE l.type <> 'null' AND substr(l.key, 1, length(j.key) + 1) = j.key || '.')) THEN (SELECT r.value FROM json_each(o."result") AS r WHERE r.key = j.key) END AS text) AS v) END, ', ') FROM json_each(o."after") AS j WHERE NOT (instr(j.key, '.') > 0 AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE substr(j.key, 1, length(l.key) + 1) = l.key || '.'))) || ')'
    WHEN o.operation IN ('update', 'rename', 'adopt') THEN 'UPDATE ' || '"' || replace(o.table_name, '"', '""') || '"' || ' SET ' || (SELECT group_concat('"' || replace(j.key, '"', '""') || '"' || ' = ' || CASE j.type WHEN 'object' THEN CASE WHEN e.executed_on IS NULL THEN 'CURRENT_TIMESTAMP' ELSE quote(e.executed_on) END
      ELSE (SELECT CASE WHEN v.text IS NULL THEN CASE WHEN (j.type = 'null' AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE l.type <> 'null' AND substr(l.key, 1, length(j.key) + 1) = j.key || '.')) THEN 'NULL /* known after apply */' ELSE 'NULL' END
        WHEN v.text IN ('true', 'false') AND (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE 'BOOL%' THEN CASE v.text WHEN 'true' THEN '1' ELSE '0' END
        WHEN v.text GLOB '\x*' AND ((SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BLOB%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BINARY%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) = 'BYTEA') THEN 'x''' || substr(v.text, 3) || ''''
        ELSE quote(v.text) END FROM (SELECT CASE WHEN j.type <> 'null' THEN j.value WHEN (j.type = 'null' AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE l.type <> 'null' AND substr(l.key, 1, length(j.key) + 1) = j.key || '.')) THEN (SELECT r.value FROM json_each(o."result") AS r WHERE r.key = j.key) END AS text) AS v) END, ', ') FROM json_each(o."after") AS j WHERE NOT (instr(j.key, '.') > 0 AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE substr(j.key, 1, length(l.key) + 1) = l.key || '.')) AND (j.type = 'object' OR j.key = c.key OR substr(c.key, 1, length(j.key) + 1) = j.key || '.')) || ' WHERE ' || (SELECT group_concat('"' || replace(j.key, '"', '""') || '"' || CASE j.type WHEN 'null' THEN ' IS NULL' ELSE ' = ' || CASE j.type WHEN 'object' THEN CASE WHEN e.executed_on IS NULL THEN 'CURRENT_TIMESTAMP' ELSE quote(e.executed_on) END
      ELSE (SELECT CASE WHEN v.text IS NULL THEN CASE WHEN (j.type = 'null' AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE l.type <> 'null' AND substr(l.key, 1, length(j.key) + 1) = j.key || '.')) THEN 'NULL /* known after apply */' ELSE 'NULL' END
        WHEN v.text IN ('true', 'false') AND (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE 'BOOL%' THEN CASE v.text WHEN 'true' THEN '1' ELSE '0' END
        WHEN v.text GLOB '\x*' AND ((SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BLOB%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BINARY%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) = 'BYTEA') THEN 'x''' || substr(v.text, 3) || ''''
        ELSE quote(v.text) END FROM (SELECT CASE WHEN j.type <> 'null' THEN j.value WHEN (j.type = 'null' AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE l.type <> 'null' AND substr(l.key, 1, length(j.key) + 1) = j.key || '.')) THEN (SELECT r.value FROM json_each(o."result") AS r WHERE r.key = j.key) END AS text) AS v) END END, ' AND ') FROM json_each(o."key") AS j WHERE NOT (instr(j.key, '.') > 0 AND EXISTS (SELECT 1 FROM json_each(o."key") AS l WHERE substr(j.key, 1, length(l.key) + 1) = l.key || '.')))
    WHEN o.operation IN ('delete', 'purge') THEN 'DELETE FROM ' || '"' || replace(o.table_name, '"', '""') || '"' || ' WHERE ' || (SELECT group_concat('"' || replace(j.key, '"', '""') || '"' || CASE j.type WHEN 'null' THEN ' IS NULL' ELSE ' = ' || CASE j.type WHEN 'object' THEN CASE WHEN e.executed_on IS NULL THEN 'CURRENT_TIMESTAMP' ELSE quote(e.executed_on) END
      ELSE (SELECT CASE WHEN v.text IS NULL THEN CASE WHEN (j.type = 'null' AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE l.type <> 'null' AND substr(l.key, 1, length(j.key) + 1) = j.key || '.')) THEN 'NULL /* known after apply */' ELSE 'NULL' END
        WHEN v.text IN ('true', 'false') AND (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE 'BOOL%' THEN CASE v.text WHEN 'true' THEN '1' ELSE '0' END
        WHEN v.text GLOB '\x*' AND ((SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BLOB%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BINARY%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) = 'BYTEA') THEN 'x''' || substr(v.text, 3) || ''''
        ELSE quote(v.text) END FROM (SELECT CASE WHEN j.type <> 'null' THEN j.value WHEN (j.type = 'null' AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE l.type <> 'null' AND substr(l.key, 1, length(j.key) + 1) = j.key || '.')) THEN (SELECT r.value FROM json_each(o."result") AS r WHERE r.key = j.key) END AS text) AS v) END END, ' AND ') FROM json_each(o."key") AS j WHERE NOT (instr(j.key, '.') > 0 AND EXISTS (SELECT 1 FROM json_each(o."key") AS l WHERE substr(j.key, 1, length(l.key) + 1) = l.key || '.')))
    ELSE 'UPDATE ' || '"' || replace(o.table_name, '"', '""') || '"' || ' SET ' || (SELECT group_concat('"' || replace(j.key, '"', '""') || '"' || ' = ' || CASE j.type WHEN 'object' THEN CASE WHEN e.executed_on IS NULL THEN 'CURRENT_TIMESTAMP' ELSE quote(e.executed_on) END
      ELSE (SELECT CASE WHEN v.text IS NULL THEN CASE WHEN (j.type = 'null' AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE l.type <> 'null' AND substr(l.key, 1, length(j.key) + 1) = j.key || '.')) THEN 'NULL /* known after apply */' ELSE 'NULL' END
        WHEN v.text IN ('true', 'false') AND (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE 'BOOL%' THEN CASE v.text WHEN 'true' THEN '1' ELSE '0' END
        WHEN v.text GLOB '\x*' AND ((SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BLOB%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BINARY%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) = 'BYTEA') THEN 'x''' || substr(v.text, 3) || ''''
        ELSE quote(v.text) END FROM (SELECT CASE WHEN j.type <> 'null' THEN j.value WHEN (j.type = 'null' AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE l.type <> 'null' AND substr(l.key, 1, length(j.key) + 1) = j.key || '.')) THEN (SELECT r.value FROM json_each(o."result") AS r WHERE r.key = j.key) END AS text) AS v) END, ', ') FROM json_each(o."after") AS j WHERE NOT (instr(j.key, '.') > 0 AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE substr(j.key, 1, length(l.key) + 1) = l.key || '.'))) || ' WHERE ' || (SELECT group_concat('"' || replace(j.key, '"', '""') || '"' || CASE j.type WHEN 'null' THEN ' IS NULL' ELSE ' = ' || CASE j.type WHEN 'object' THEN CASE WHEN e.executed_on IS NULL THEN 'CURRENT_TIMESTAMP' ELSE quote(e.executed_on) END
      ELSE (SELECT CASE WHEN v.text IS NULL THEN CASE WHEN (j.type = 'null' AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE l.type <> 'null' AND substr(l.key, 1, length(j.key) + 1) = j.key || '.')) THEN 'NULL /* known after apply */' ELSE 'NULL' END
        WHEN v.text IN ('true', 'false') AND (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE 'BOOL%' THEN CASE v.text WHEN 'true' THEN '1' ELSE '0' END
        WHEN v.text GLOB '\x*' AND ((SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BLOB%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BINARY%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) = 'BYTEA') THEN 'x''' || substr(v.text, 3) || ''''
        ELSE quote(v.text) END FROM (SELECT CASE WHEN j.type <> 'null' THEN j.value WHEN (j.type = 'null' AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE l.type <> 'null' AND substr(l.key, 1, length(j.key) + 1) = j.key || '.')) THEN (SELECT r.value FROM json_each(o."result") AS r WHERE r.key = j.key) END AS text) AS v) END END, ' AND ') FROM json_each(o."key") AS j WHERE NOT (instr(j.key, '.') > 0 AND EXISTS (SELECT 1 FROM json_each(o."key") AS l WHERE substr(j.key, 1, length(l.key) + 1) = l.key || '.')))
  END AS sql,
  p.created_on AS created_on,
  e.executed_on AS executed_on,
  o.plan_id AS import_hash
FROM "registrar_operation" AS o
LEFT JOIN "registrar_plan" AS p ON p.id = o.plan_id
LEFT JOIN "registrar_execution" AS e ON e.plan_id = o.plan_id
LEFT JOIN json_each(CASE WHEN o.operation IN ('update', 'rename', 'adopt') THEN o."after" END) AS c
LEFT JOIN json_each(CASE WHEN o.operation IN ('update', 'rename', 'adopt') THEN o."before" END) AS b ON b.key = c.key
LEFT JOIN json_each(CASE WHEN o.operation IN ('update', 'rename', 'adopt') THEN o."key" END) AS k ON k.key = c.key
WHERE NOT o.operation IN ('update', 'rename', 'adopt') OR c.type <> 'object' AND CASE WHEN c.type <> 'null' THEN c.value WHEN (c.type = 'null' AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE l.type <> 'null' AND substr(l.key, 1, length(c.key) + 1) = c.key || '.')) THEN (SELECT r.value FROM json_each(o."result") AS r WHERE r.key = c.key) END IS NOT CASE WHEN b.key IS NULL THEN k.value ELSE b.value END
  AND NOT ((c.type = 'null' AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE l.type <> 'null' AND substr(l.key, 1, length(c.key) + 1) = c.key || '.')) AND CASE WHEN c.type <> 'null' THEN c.value WHEN (c.type = 'null' AND EXISTS (SELECT 1 FROM json_each(o."after") AS l WHERE l.type <> 'null' AND substr(l.key, 1, length(c.key) + 1) = c.key || '.')) THEN (SELECT r.value FROM json_each(o."result") AS r WHERE r.key = c.key) END IS NULL);

CREATE TABLE "registrar_override" (
  "plan_id" TEXT NOT NULL,
  "overridden_on" TEXT NOT NULL,
  "overridden_by" TEXT NOT NULL,
  "reason" TEXT NOT NULL,
  PRIMARY KEY (plan_id)
);

CREATE INDEX "registrar_execution_executed_on" ON "registrar_execution" (executed_on);

CREATE INDEX "registrar_finding_kind" ON "registrar_finding" (plan_id, sync, kind, seq);

CREATE TABLE "registrar_run" (
  "id" TEXT NOT NULL,
  "run_id" TEXT NOT NULL,
  "unit" TEXT NOT NULL,
  "schedule" TEXT,
  "slot" TEXT,
  "attempt" INTEGER NOT NULL,
  "status" TEXT NOT NULL,
  "started_on" TEXT NOT NULL,
  "started_by" TEXT NOT NULL,
  "ended_on" TEXT,
  "plan_id" TEXT,
  "message" TEXT,
  PRIMARY KEY (id)
);

CREATE INDEX "registrar_run_started_on" ON "registrar_run" (started_on);

CREATE TABLE "registrar_run_beat" (
  "id" TEXT NOT NULL,
  "beats" INTEGER NOT NULL,
  PRIMARY KEY (id)
);

CREATE TABLE "registrar_pause" (
  "id" TEXT NOT NULL,
  "sync" TEXT NOT NULL,
  "paused_on" TEXT NOT NULL,
  "paused_by" TEXT NOT NULL,
  "reason" TEXT NOT NULL,
  "resumed_on" TEXT,
  "resumed_by" TEXT,
  PRIMARY KEY (id)
);

CREATE TABLE "registrar_author" (
  "plan_id" TEXT NOT NULL,
  "database_user" TEXT,
  PRIMARY KEY (plan_id)
);

CREATE TABLE "registrar_approval" (
  "id" TEXT NOT NULL,
  "digest" TEXT NOT NULL,
  "plan_id" TEXT NOT NULL,
  "approved_on" TEXT NOT NULL,
  "expires_on" TEXT NOT NULL,
  "approved_by" TEXT NOT NULL,
  "database_user" TEXT,
  "comment" TEXT,
  "key" TEXT,
  "signature" TEXT,
  PRIMARY KEY (id)
);

CREATE INDEX "registrar_approval_digest" ON "registrar_approval" (digest);

CREATE TABLE "registrar_disclosure" (
  "id" TEXT NOT NULL,
  "plan_id" TEXT NOT NULL,
  "shown_on" TEXT NOT NULL,
  "shown_by" TEXT NOT NULL,
  "database_user" TEXT,
  PRIMARY KEY (id)
);

CREATE INDEX "registrar_disclosure_plan_id" ON "registrar_disclosure" (plan_id);

CREATE INDEX "registrar_plan_speculative" ON "registrar_plan" (speculative, expires_on);
