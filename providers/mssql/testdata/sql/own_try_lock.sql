DECLARE @outcome int;
EXEC @outcome = sp_getapplock @Resource = @p1, @LockMode = N'Exclusive', @LockOwner = N'Session', @LockTimeout = 100, @DbPrincipal = N'public';
SELECT @outcome
