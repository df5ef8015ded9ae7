CREATE INDEX [registrar_disclosure_plan_id] ON [registrar].[disclosure] (plan_id)
