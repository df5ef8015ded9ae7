CREATE INDEX [registrar_finding_kind] ON [registrar].[finding] (plan_id, sync, kind, seq)
