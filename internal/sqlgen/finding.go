package sqlgen

import (
	"fmt"
)

// stagedObject is the JSON object of the key of staged row s.
func (c *composer) stagedObject(t *Target) string {
	return c.object("s", t.stagedKey())
}

// number numbers rows from firstSeq + 1, in the byte order of their keys, and of what tells those of one
// key apart: each plan lists them alike.
func (c *composer) number(firstSeq int64, key string, others ...string) string {
	text := func(expr string) string {
		return c.d.ByteOrder(c.d.AsText(expr))
	}
	return fmt.Sprintf("%d + row_number() OVER (ORDER BY %s)", firstSeq, join(append([]string{key}, others...), ", ", text))
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
SELECT %s, %s, %s, %s, %s, s.why FROM (SELECT DISTINCT %s, %s AS why FROM %s s WHERE %s) s`,
		d.RegisterTable("finding"), d.Quote("key"), c.bindText(planID), c.number(firstSeq, c.stagedObject(t), "s.why"), c.bindText(t.Sync), literal(kind), c.stagedObject(t),
		c.columns("s", t.stagedKey()), c.of("s", why), t.Stage, condition)
}

// CountRejects counts the staged rows that are rejected.
func CountRejects(d Dialect, t *Target) Statement {
	c := composer{d: d}
	return c.statement(`SELECT count(*) FROM %s s WHERE %s IS NOT NULL`, t.Stage, c.of("s", SkipColumn(d)))
}

// CountRows counts the rows of the scope that are not archived, and those that are.
func CountRows(d Dialect, t *Target) Statement {
	c := composer{d: d}
	return c.statement(`SELECT count(*) - count(r.archived), count(r.archived) FROM (SELECT CASE WHEN %s THEN 1 END AS archived FROM %s t WHERE %s) r`,
		c.archived(t, "t"), t.Table.Name, c.ours(t, "t"))
}
