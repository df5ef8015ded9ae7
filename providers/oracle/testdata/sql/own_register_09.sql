UPDATE "REGISTRAR_RUN_BEAT" SET beats = beats + 1 WHERE id = :1
