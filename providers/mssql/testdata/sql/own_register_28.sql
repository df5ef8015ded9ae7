SELECT b.beats FROM [registrar].[run_beat] b WHERE b.id = @p1
