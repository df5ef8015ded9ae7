INSERT INTO "REGISTRAR_OVERRIDE" (plan_id, overridden_on, overridden_by, reason) VALUES (:1, FROM_TZ(TO_TIMESTAMP(RTRIM(:2, 'Z'), 'YYYY-MM-DD HH24:MI:SS.FF9'), '+00:00'), :3, :4)
