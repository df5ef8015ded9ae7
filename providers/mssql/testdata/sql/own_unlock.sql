DECLARE @outcome int;
EXEC @outcome = sp_releaseapplock @Resource = @p1, @LockOwner = N'Session', @DbPrincipal = N'public';
SELECT @outcome
