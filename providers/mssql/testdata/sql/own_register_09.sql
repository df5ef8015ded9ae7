CREATE INDEX [registrar_execution_executed_on] ON [registrar].[execution] (executed_on)
