package sqlgen

// stagedObject is the JSON object of a staged row's key.
func (c *composer) stagedObject(t *Target, alias string) string {
	return c.object(alias, t.stagedKey())
}

// RecordRejects writes a finding for each staged row that is rejected: before anything
// is settled otherwise, those whose SkipColumn is not NULL.
func RecordRejects(d Dialect, t *Target, planID string, firstSeq int64) Statement {
	return recordStaged(d, t, "rejected", SkipColumn(d), planID, firstSeq)
}

// RecordWarnings writes a finding for each staged row with a warning that is not rejected.
func RecordWarnings(d Dialect, t *Target, planID string, firstSeq int64) Statement {
	return recordStaged(d, t, "warned", WarningColumn(d), planID, firstSeq)
}

func recordStaged(d Dialect, t *Target, kind string, why Column, planID string, firstSeq int64) Statement {
	c := composer{d: d}
	condition := c.of("s", why) + " IS NOT NULL"
	if why.Name != SkipColumn(d).Name {
		condition = and(condition, c.unsettled("s"))
	}
	// With lookups in the key, a rejected row may stand there more than once.
	return c.statement(`INSERT INTO %s (plan_id, seq, sync, kind, %s, message)
SELECT %s, %d + row_number() OVER (), %s, %s, %s, s.why FROM (SELECT DISTINCT %s, %s AS why FROM %s AS s WHERE %s) AS s`,
		d.RegisterTable("finding"), d.Quote("key"), c.bindText(planID), firstSeq, c.bindText(t.Sync), literal(kind), c.stagedObject(t, "s"),
		c.columns("s", t.stagedKey()), c.of("s", why), t.Stage, condition)
}

// CountRejects counts the staged rows that are rejected.
func CountRejects(d Dialect, t *Target) Statement {
	c := composer{d: d}
	return c.statement(`SELECT count(*) FROM %s AS s WHERE %s IS NOT NULL`, t.Stage, c.of("s", SkipColumn(d)))
}

// CountRows counts the rows of the scope that are not archived, and those that are.
func CountRows(d Dialect, t *Target) Statement {
	c := composer{d: d}
	return c.statement(`SELECT count(*) - count(r.archived), count(r.archived) FROM (SELECT CASE WHEN %s THEN 1 END AS archived FROM %s AS t WHERE %s) AS r`,
		c.archived(t, "t"), t.Table.Name, c.ours(t, "t"))
}
