INSERT INTO "REGISTRAR_REDACTION" (id, redacted_on, redacted_by, reason, operations, findings) VALUES (:1, FROM_TZ(TO_TIMESTAMP(RTRIM(:2, 'Z'), 'YYYY-MM-DD HH24:MI:SS.FF9'), '+00:00'), :3, :4, 0, 0)
