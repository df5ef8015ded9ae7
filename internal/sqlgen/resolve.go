package sqlgen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ResolvedColumns lists the columns of a stage whose lookups are resolved.
func (t *Target) ResolvedColumns(d Dialect) []Column {
	columns := slices.Clone(t.Mapped)
	for _, l := range t.Lookups {
		for _, k := range l.By {
			columns = append(columns, k.Staged)
		}
	}
	columns = append(columns, SkipColumn(d))
	if t.Warns {
		columns = append(columns, WarningColumn(d))
	}
	if t.ByTask {
		columns = append(columns, TaskColumn(d))
	}
	return columns
}

// CreateResolved creates the stage whose lookups are resolved, under the name t.Stage.
func CreateResolved(d Dialect, t *Target) Statement {
	return Statement{Defines: true, SQL: d.CreateStage(t.Stage, t.ResolvedColumns(d))}
}

// Resolve fills the stage t.Stage from the loaded one, each lookup's column with the parent's value, or
// NULL for a parent that the plan inserts. parents names the table of each of t.Lookups; "" leaves
// its lookup alone, with NULL. A row with a lookup that finds nothing is rejected, or has NULL
// and no keys, as the lookup says. A rejected row may stand there more than once.
func Resolve(d Dialect, t *Target, loaded string, parents []string) Statement {
	c := composer{d: d}
	from := []string{loaded + " s"}
	skip := c.of("s", SkipColumn(d))
	rejects := []string{"CASE WHEN " + skip + " IS NOT NULL THEN " + skip}
	found := map[string]string{} // by column
	for i, l := range t.Lookups {
		if parents[i] == "" {
			continue
		}
		alias := "v" + strconv.Itoa(i)
		_, live, _ := l.parentColumns(d)
		on := c.staged(l, alias)
		if l.Null || !t.inKey(l) {
			on = and(on, c.of(alias, live)+" = 1")
		}
		from = append(from, parents[i]+" "+alias+" ON "+on)
		first := c.of("s", l.By[0].Staged)
		found[l.Column.Name] = c.of(alias, l.then())
		if l.Null {
			for _, k := range l.By {
				found[k.Staged.Name] = "CASE WHEN " + c.of(alias, live) + " = 1 THEN " + c.of("s", k.Staged) + " END"
			}
			continue
		}
		missing := first + " IS NOT NULL AND coalesce(" + c.of(alias, live) + ", 0) = 0"
		if t.ByTask {
			// What is to be removed may well refer to what goes, too; where it refers to
			// nothing at all, there is nothing to remove.
			missing = and(missing, c.of("s", TaskColumn(d))+" <> "+literal(opDelete))
		}
		rejects = append(rejects, missing+" THEN "+c.nothingFound(l))
	}
	columns := t.ResolvedColumns(d)
	values := join(columns, ", ", func(column Column) string {
		if value, ok := found[column.Name]; ok {
			return value
		}
		switch {
		case column.Name == SkipColumn(d).Name:
			return strings.Join(rejects, " WHEN ") + " END"
		case t.LookupOf(column) != nil:
			return "NULL"
		default:
			return c.of("s", column)
		}
	})
	return c.statement(`INSERT INTO %s (%s) SELECT %s FROM %s`,
		t.Stage, join(columns, ", ", func(column Column) string { return d.Quote(column.Name) }), values, strings.Join(from, " LEFT JOIN "))
}

// nothingFound is the message of a lookup that finds nothing.
func (c *composer) nothingFound(l *Lookup) string {
	between := l.Column.Name + ": no row of the looked-up table has "
	var parts []string
	for _, k := range l.By {
		if l.Sensitive {
			parts = append(parts, literal(between+k.Column.Name+" = (sensitive)"))
		} else {
			parts = append(parts, literal(between+k.Column.Name+` = "`), c.d.Prefix(c.d.Canonical(c.of("s", k.Staged), k.Column), 60), literal(`"`))
		}
		between = " and "
	}
	return c.d.Concat(parts...)
}

// RecordUnresolved writes a finding for each row whose lookup found nothing and is NULL
// for it, and whose keys the loaded stage has.
func RecordUnresolved(d Dialect, t *Target, l *Lookup, loaded, parents, planID string, firstSeq int64) Statement {
	c := composer{d: d}
	_, live, _ := l.parentColumns(d)
	return c.statement(`INSERT INTO %s (plan_id, seq, sync, kind, %s, message)
SELECT %s, %s, %s, 'unresolved', %s, %s FROM %s s WHERE %s`,
		d.RegisterTable("finding"), d.Quote("key"), c.bindText(planID), c.number(firstSeq, c.stagedObject(t)), c.bindText(t.Sync), c.stagedObject(t), c.nothingFound(l),
		loaded, and(c.unsettled("s"), c.of("s", l.By[0].Staged)+" IS NOT NULL",
			fmt.Sprintf("NOT EXISTS (SELECT 1 FROM %s v WHERE %s AND %s = 1)", parents, c.staged(l, "v"), c.of("v", live))))
}

// pending is the condition that a resolved row refers to a parent that the plan inserts.
func (c *composer) pending(l *Lookup, alias string) string {
	return "(" + and(c.unsettled(alias), c.of(alias, l.Column)+" IS NULL", c.of(alias, l.By[0].Staged)+" IS NOT NULL") + ")"
}

// UnresolvedKeys selects the keys that staged rows look up and no parent has: the number of rows,
// then the keys' canonical texts; at most limit of them.
func UnresolvedKeys(d Dialect, l *Lookup, loaded, parents string, limit int) Statement {
	c := composer{d: d}
	_, live, _ := l.parentColumns(d)
	keys := make([]Column, len(l.By))
	for i, k := range l.By {
		keys[i] = k.Staged
	}
	return c.first(limit, `SELECT d.%s, %s FROM (SELECT count(*) AS %s, %s FROM %s s WHERE %s GROUP BY %s) d ORDER BY 2`,
		d.Quote(rowCount), join(keys, ", ", func(k Column) string { return c.text("d", k) }), d.Quote(rowCount), c.columns("s", keys), loaded,
		and(c.unsettled("s"), c.of("s", keys[0])+" IS NOT NULL",
			fmt.Sprintf("NOT EXISTS (SELECT 1 FROM %s v WHERE %s AND %s = 1)", parents, c.staged(l, "v"), c.of("v", live))),
		c.columns("s", keys))
}

// KeepRejects rejects in the loaded stage what is rejected in the resolved one.
func KeepRejects(d Dialect, t *Target, loaded string) Statement {
	c := composer{d: d}
	return c.update(Update{
		Table: loaded, Alias: "s", Sets: []Assignment{c.set(SkipColumn(d).Name, c.of("r", SkipColumn(d)))}, From: t.Stage + " r",
		Where: and(join(t.stagedKey(), " AND ", func(k Column) string { return c.of("s", k) + " = " + c.of("r", k) }),
			c.unsettled("s"), c.of("r", SkipColumn(d))+" IS NOT NULL"),
	})
}

// DuplicateResolvedKeys selects the keys of staged rows that are one once their lookups are resolved: the
// number of rows, then the texts of the key, named as by StagedKeyNames; at most limit of them;
// an empty statement where the key has no lookup.
func DuplicateResolvedKeys(d Dialect, t *Target, limit int) Statement {
	if !slices.ContainsFunc(t.Lookups, t.inKey) {
		return Statement{}
	}
	c := composer{d: d}
	staged := t.stagedKey()
	known := join(t.Key, " AND ", func(k Column) string { return c.of("s", k) + " IS NOT NULL" })
	partition := t.Key
	if t.ByTask {
		partition = append(slices.Clone(partition), TaskColumn(d))
	}
	rows := d.Quote(rowCount)
	return c.first(limit, `SELECT d.%s, %s FROM (SELECT count(*) OVER (PARTITION BY %s) AS %s, %s FROM %s s WHERE %s) d WHERE d.%s > 1 ORDER BY %s`,
		rows, join(staged, ", ", func(k Column) string { return c.text("d", k) }), c.columns("s", partition), rows, c.columns("s", staged), t.Stage, and(c.unsettled("s"), known),
		rows, joinIndexed(staged, ", ", func(i int, _ Column) string { return strconv.Itoa(i + 2) }))
}

// IndexResolved is IndexStage for the stage whose lookups are resolved.
func IndexResolved(d Dialect, t *Target) Statement { return indexStage(d, t.Stage, t.Key) }

// Empty deletes every row of a staging table.
func Empty(stage string) Statement { return Statement{SQL: "DELETE FROM " + stage} }
