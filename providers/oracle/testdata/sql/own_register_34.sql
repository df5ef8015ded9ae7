SELECT m.plan_id, m.seq, m.message FROM "REGISTRAR_FINDING" m WHERE m.sync IN (:1) AND m.message IS NOT NULL AND (m.message LIKE :2)
