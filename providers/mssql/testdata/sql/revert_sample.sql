SELECT o.[key], o.[before], o.[after], o.result FROM [registrar].[operation] o WHERE o.plan_id = @p1 AND o.seq > 10 AND o.seq <= 20 AND o.sync = @p2 AND o.operation = 'archive' AND o.result IS NULL ORDER BY o.seq OFFSET 10 ROWS FETCH NEXT 20 ROWS ONLY
-- 1: p
-- 2: sync.rooms["hss"]
