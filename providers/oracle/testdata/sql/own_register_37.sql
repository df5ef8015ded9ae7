SELECT count(*) FROM "REGISTRAR_OPERATION" o WHERE o.sync = :1 AND o.operation IN ('rename', 'undelete')
