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

CREATE VIEW "registrar_import_reg" AS SELECT CASE o.operation WHEN 'archive' THEN 'delete' ELSE o.operation END AS operation,
  (SELECT group_concat(j.value, '/') FROM json_each(o."key") AS j) AS source_code,
  o.table_name AS table_name,
  c.key AS field_name,
  b.value AS from_value,
  c.value AS to_value,
  CASE o.operation
    WHEN 'insert' THEN 'INSERT INTO ' || '"' || replace(o.table_name, '"', '""') || '"' || ' (' || (SELECT group_concat('"' || replace(j.key, '"', '""') || '"', ', ') FROM json_each(o."after") AS j) || ') VALUES (' || (SELECT group_concat(CASE j.type WHEN 'null' THEN 'NULL' WHEN 'object' THEN CASE WHEN e.executed_on IS NULL THEN 'CURRENT_TIMESTAMP' ELSE quote(e.executed_on) END
      ELSE CASE WHEN j.value IN ('true', 'false') AND (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE 'BOOL%' THEN CASE j.value WHEN 'true' THEN '1' ELSE '0' END
        WHEN j.value GLOB '\x*' AND ((SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BLOB%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BINARY%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) = 'BYTEA') THEN 'x''' || substr(j.value, 3) || ''''
        ELSE quote(j.value) END END, ', ') FROM json_each(o."after") AS j) || ')'
    WHEN 'update' THEN 'UPDATE ' || '"' || replace(o.table_name, '"', '""') || '"' || ' SET ' || (SELECT group_concat('"' || replace(j.key, '"', '""') || '"' || ' = ' || CASE j.type WHEN 'null' THEN 'NULL' WHEN 'object' THEN CASE WHEN e.executed_on IS NULL THEN 'CURRENT_TIMESTAMP' ELSE quote(e.executed_on) END
      ELSE CASE WHEN j.value IN ('true', 'false') AND (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE 'BOOL%' THEN CASE j.value WHEN 'true' THEN '1' ELSE '0' END
        WHEN j.value GLOB '\x*' AND ((SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BLOB%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BINARY%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) = 'BYTEA') THEN 'x''' || substr(j.value, 3) || ''''
        ELSE quote(j.value) END END, ', ') FROM json_each(o."after") AS j WHERE j.key = c.key OR j.type = 'object') || ' WHERE ' || (SELECT group_concat('"' || replace(j.key, '"', '""') || '"' || ' = ' || CASE j.type WHEN 'null' THEN 'NULL' WHEN 'object' THEN CASE WHEN e.executed_on IS NULL THEN 'CURRENT_TIMESTAMP' ELSE quote(e.executed_on) END
      ELSE CASE WHEN j.value IN ('true', 'false') AND (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE 'BOOL%' THEN CASE j.value WHEN 'true' THEN '1' ELSE '0' END
        WHEN j.value GLOB '\x*' AND ((SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BLOB%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BINARY%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) = 'BYTEA') THEN 'x''' || substr(j.value, 3) || ''''
        ELSE quote(j.value) END END, ' AND ') FROM json_each(o."key") AS j)
    WHEN 'delete' THEN 'DELETE FROM ' || '"' || replace(o.table_name, '"', '""') || '"' || ' WHERE ' || (SELECT group_concat('"' || replace(j.key, '"', '""') || '"' || ' = ' || CASE j.type WHEN 'null' THEN 'NULL' WHEN 'object' THEN CASE WHEN e.executed_on IS NULL THEN 'CURRENT_TIMESTAMP' ELSE quote(e.executed_on) END
      ELSE CASE WHEN j.value IN ('true', 'false') AND (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE 'BOOL%' THEN CASE j.value WHEN 'true' THEN '1' ELSE '0' END
        WHEN j.value GLOB '\x*' AND ((SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BLOB%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BINARY%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) = 'BYTEA') THEN 'x''' || substr(j.value, 3) || ''''
        ELSE quote(j.value) END END, ' AND ') FROM json_each(o."key") AS j)
    ELSE 'UPDATE ' || '"' || replace(o.table_name, '"', '""') || '"' || ' SET ' || (SELECT group_concat('"' || replace(j.key, '"', '""') || '"' || ' = ' || CASE j.type WHEN 'null' THEN 'NULL' WHEN 'object' THEN CASE WHEN e.executed_on IS NULL THEN 'CURRENT_TIMESTAMP' ELSE quote(e.executed_on) END
      ELSE CASE WHEN j.value IN ('true', 'false') AND (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE 'BOOL%' THEN CASE j.value WHEN 'true' THEN '1' ELSE '0' END
        WHEN j.value GLOB '\x*' AND ((SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BLOB%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BINARY%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) = 'BYTEA') THEN 'x''' || substr(j.value, 3) || ''''
        ELSE quote(j.value) END END, ', ') FROM json_each(o."after") AS j) || ' WHERE ' || (SELECT group_concat('"' || replace(j.key, '"', '""') || '"' || ' = ' || CASE j.type WHEN 'null' THEN 'NULL' WHEN 'object' THEN CASE WHEN e.executed_on IS NULL THEN 'CURRENT_TIMESTAMP' ELSE quote(e.executed_on) END
      ELSE CASE WHEN j.value IN ('true', 'false') AND (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE 'BOOL%' THEN CASE j.value WHEN 'true' THEN '1' ELSE '0' END
        WHEN j.value GLOB '\x*' AND ((SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BLOB%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) LIKE '%BINARY%' OR (SELECT upper(i.type) FROM pragma_table_xinfo(o.table_name) AS i WHERE i.name = j.key COLLATE NOCASE) = 'BYTEA') THEN 'x''' || substr(j.value, 3) || ''''
        ELSE quote(j.value) END END, ' AND ') FROM json_each(o."key") AS j)
  END AS sql,
  p.created_on AS created_on,
  e.executed_on AS executed_on,
  o.plan_id AS import_hash
FROM "registrar_operation" AS o
LEFT JOIN "registrar_plan" AS p ON p.id = o.plan_id
LEFT JOIN "registrar_execution" AS e ON e.plan_id = o.plan_id
LEFT JOIN json_each(CASE o.operation WHEN 'update' THEN o."after" END) AS c
LEFT JOIN json_each(CASE o.operation WHEN 'update' THEN o."before" END) AS b ON b.key = c.key
WHERE o.operation <> 'update' OR c.type <> 'object' AND c.value IS NOT b.value;

