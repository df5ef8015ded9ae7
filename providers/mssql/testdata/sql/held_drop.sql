DELETE x FROM [registrar].[operation] x WHERE x.plan_id = @p1 AND x.seq > 10 AND x.seq <= 20 AND x.seq IN (SELECT h.[seq] FROM [registrar_staging].[stage_2_h] h)
-- 1: p
