package sqlgen

import (
	"fmt"
	"slices"
)

// ReachesOthers reports whether a row outside the scope can hold a key of ours: a
// unique index does not include all of the scope's columns.
func (t *Target) ReachesOthers() bool {
	inKey := func(p InParent) bool {
		return slices.ContainsFunc(t.Key, func(k Column) bool { return k.Name == p.Column.Name })
	}
	if slices.ContainsFunc(t.Parents, func(p InParent) bool { return !inKey(p) }) {
		return true
	}
	return slices.ContainsFunc(t.KeyScopes, func(scope []Set) bool { return len(scope) < len(t.Scope) })
}

// RecordForeignKeys writes a finding for each staged key that a row outside the scope
// holds. It is needed only where ReachesOthers.
func RecordForeignKeys(d Dialect, t *Target, planID string, firstSeq int64) Statement {
	c := composer{d: d}
	scope := make([]Column, 0, len(t.Scope)+len(t.Parents))
	for _, s := range t.Scope {
		scope = append(scope, s.Column)
	}
	for _, p := range t.Parents {
		scope = append(scope, p.Column)
	}
	return c.statement(`INSERT INTO %s (plan_id, seq, sync, kind, %s, detail)
SELECT %s, %s, %s, 'ignored', %s, %s
FROM %s s JOIN %s t ON %s WHERE %s`,
		d.RegisterTable("finding"), d.Quote("key"),
		c.bindText(planID), c.number(firstSeq, c.object("t", t.Key), c.object("t", scope)), c.bindText(t.Sync), c.object("t", t.Key), c.object("t", scope),
		t.Stage, t.Table.Name, c.sameKey(t), and(append([]string{c.unsettled("s"), c.foreign(t, "t")}, c.once(t, "s")...)...))
}

// unsettled is the condition that a staged row is neither rejected nor settled otherwise.
func (c *composer) unsettled(alias string) string {
	return c.of(alias, SkipColumn(c.d)) + " IS NULL"
}

// once holds conditions, by task, that a staged row is the one of its key that counts where the
// row is there: not one to insert that is one to update, too.
func (c *composer) once(t *Target, alias string) []string {
	if !t.ByTask {
		return nil
	}
	task := TaskColumn(c.d)
	return []string{"NOT (" + and(c.of(alias, task)+" = 'insert'", "EXISTS (SELECT 1 FROM "+t.Stage+" e WHERE "+
		and(join(t.Key, " AND ", func(k Column) string { return c.of("e", k) + " = " + c.of(alias, k) }), c.of("e", task)+" = 'update'", c.unsettled("e"))+")") + ")"}
}

// writing is once, for rows that are not to be removed.
func (c *composer) writing(t *Target, alias string) []string {
	if !t.ByTask {
		return nil
	}
	return append(c.once(t, alias), c.of(alias, TaskColumn(c.d))+" <> 'delete'")
}

// foreign is the condition that a row is not ours, though in the part of the scope that a
// unique index includes it is.
func (c *composer) foreign(t *Target, alias string) string {
	return and(c.clashes(t, alias), c.others(t, alias))
}

// DropForeignKeys removes from the stage the rows that RecordForeignKeys found, so that
// they are neither inserted nor overwrite another's row.
func DropForeignKeys(d Dialect, t *Target) Statement {
	c := composer{d: d}
	return c.remove(Delete{Table: t.Stage, Alias: "s", Where: fmt.Sprintf("%s AND EXISTS (SELECT 1 FROM %s t WHERE %s AND %s)",
		c.unsettled("s"), t.Table.Name, c.sameKey(t), c.foreign(t, "t"))})
}

// Adopt writes the operations that take over the rows of others under staged keys, numbered
// from firstSeq + 1.
func Adopt(d Dialect, t *Target, planID string, firstSeq int64) Statement {
	c := composer{d: d}
	return c.record(t, planID, firstSeq, c.allowed(t, c.adoptions(t)), []string{opAdopt})
}

// SettleAdopted marks the staged rows of adoptions as settled. It comes after Adopt.
func SettleAdopted(d Dialect, t *Target) Statement {
	c := composer{d: d}
	condition := c.unsettled("s")
	if t.ByTask {
		condition = and(condition, c.of("s", TaskColumn(d))+" <> 'delete'")
	}
	return c.update(Update{
		Table: t.Stage, Alias: "s", Sets: []Assignment{c.set(SkipColumn(d).Name, literal("adopted"))},
		Where: fmt.Sprintf("%s AND EXISTS (SELECT 1 FROM %s t WHERE %s AND %s)", condition, t.Table.Name, c.sameKey(t), c.adoptable(t, "t")),
	})
}

// CountAdoptionsWithheld counts, by name, the operations of Adopt that may not be done.
func CountAdoptionsWithheld(d Dialect, t *Target) Statement {
	c := composer{d: d}
	return c.countWithheld(t, c.adoptions(t))
}

// RecordProtectedAdoptions writes a finding for each operation of Adopt that Target.Protect prevents.
func RecordProtectedAdoptions(d Dialect, t *Target, planID string, firstSeq int64) Statement {
	c := composer{d: d}
	return c.recordProtected(t, c.adoptions(t), planID, firstSeq)
}

func (c *composer) adoptions(t *Target) string {
	return c.pair(t, literal(opAdopt), t.Stage+" s", "JOIN", t.Table.Name+" t", c.sameKey(t),
		and(append([]string{c.unsettled("s"), c.adoptable(t, "t")}, c.writing(t, "s")...)...))
}

// adoptable is the condition that another's row may be taken over: no sync of the
// configuration has it, or one has archived it. Where the siblings are staged beside the row s, it
// is also that none brings the row back or purges it.
func (c *composer) adoptable(t *Target, alias string) string {
	condition := c.foreign(t, alias)
	for _, sibling := range t.Siblings {
		keeps := []string{"NOT " + c.archived(sibling, alias)}
		if sibling.Stage != "" {
			if slices.Equal(slices.Sorted(slices.Values(sibling.StagedKeyNames())), slices.Sorted(slices.Values(t.StagedKeyNames()))) {
				keeps = append(keeps, c.stagedBy(sibling, t))
			}
			if sibling.PurgeSince != nil && !slices.Contains(sibling.Withheld, opPurge) {
				keeps = append(keeps, c.purged(sibling, alias))
			}
		}
		condition = and(condition, "(CASE WHEN "+and(c.ours(sibling, alias), or(keeps...))+" THEN 1 ELSE 0 END = 0)")
	}
	return condition
}

// stagedBy is the condition that a sibling has staged the key of row s, to write it.
func (c *composer) stagedBy(sibling, t *Target) string {
	conditions := []string{join(t.stagedKey(), " AND ", func(k Column) string { return c.of("e", k) + " = " + c.of("s", k) })}
	if sibling.ByTask {
		conditions = append(conditions, c.of("e", TaskColumn(c.d))+" <> 'delete'")
	}
	return "EXISTS (SELECT 1 FROM " + sibling.Stage + " e WHERE " + and(conditions...) + ")"
}

// purged is the condition that a row that a sync has not staged is purged.
func (c *composer) purged(t *Target, alias string) string {
	if t.Protect == nil {
		return c.expired(t, alias)
	}
	return "(" + and(c.expired(t, alias), "NOT "+c.holds(t.Protect, func(column Column) string { return c.of(alias, column) })) + ")"
}

// SharedInserts selects the keys that several syncs of a plan would insert or adopt: the
// key's JSON and two of the syncs; at most limit of them.
func SharedInserts(d Dialect, syncs []Planned, limit int) Statement {
	c := composer{d: d}
	all := join(syncs, " UNION ALL ", func(p Planned) string {
		return fmt.Sprintf("SELECT %s AS doc, o.sync AS sync FROM %s o WHERE o.plan_id = %s AND o.seq > %d AND o.seq <= %d AND o.operation IN ('insert', 'adopt')",
			d.AsText("o."+d.Quote("key")), p.Target.operations(d), c.bindText(p.PlanID), p.After, p.Last)
	})
	return c.first(limit, `SELECT a.doc, min(a.sync), max(a.sync) FROM (%s) a GROUP BY a.doc HAVING min(a.sync) <> max(a.sync) ORDER BY 1`, all)
}
