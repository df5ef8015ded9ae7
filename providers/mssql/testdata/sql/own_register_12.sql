CREATE INDEX [registrar_run_started_on] ON [registrar].[run] (started_on)
