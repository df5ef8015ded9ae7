UPDATE "REGISTRAR_PAUSE" SET id = :1, resumed_on = FROM_TZ(TO_TIMESTAMP(RTRIM(:2, 'Z'), 'YYYY-MM-DD HH24:MI:SS.FF9'), '+00:00'), resumed_by = :3 WHERE id = :4
