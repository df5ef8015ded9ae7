CREATE INDEX [registrar_approval_digest] ON [registrar].[approval] (digest)
