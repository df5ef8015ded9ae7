CREATE INDEX [registrar_plan_speculative] ON [registrar].[plan] (speculative, expires_on)
