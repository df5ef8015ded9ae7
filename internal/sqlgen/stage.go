package sqlgen

import (
	"slices"

	"github.com/registrar-sync/registrar/internal/value"
)

// SkipColumn is the stage's column that says, where it is not NULL, why a row is left as it
// is: the record was rejected, or is settled otherwise. It is never read as missing.
func SkipColumn(d Dialect) Column { return stageColumn(d, "registrar skip") }

// WarningColumn is the stage's column for the asserts that a row does not obey,
// though it is written; NULL for none.
func WarningColumn(d Dialect) Column { return stageColumn(d, "registrar warning") }

// TaskColumn is the stage's column for what is to be done with a row: insert, update
// or delete.
func TaskColumn(d Dialect) Column { return stageColumn(d, "registrar task") }

func stageColumn(d Dialect, name string) Column {
	return Column{Name: name, Type: value.Type{Kind: value.Text, SQL: d.TypeName(value.Text)}}
}

// Staged lists the columns that are loaded, in their order: for each mapped column itself or
// its lookup's keys, then SkipColumn, and WarningColumn and TaskColumn where the target has them.
func (t *Target) Staged(d Dialect) []Column {
	var columns []Column
	for _, c := range t.Mapped {
		lookup := t.LookupOf(c)
		if lookup == nil {
			columns = append(columns, c)
			continue
		}
		for _, k := range lookup.By {
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

// CreateStage creates the staging table that records are loaded into.
func CreateStage(d Dialect, t *Target) Statement {
	return Statement{Defines: true, SQL: d.CreateStage(t.Stage, t.Staged(d))}
}

// IndexStage lets the loaded stage be searched by its key, where the engine needs an
// index for that; an empty statement where it does not.
//
// A stage with lookups is indexed when they are resolved.
func IndexStage(d Dialect, t *Target) Statement {
	if len(t.Lookups) > 0 {
		return Statement{}
	}
	return indexStage(d, t.Stage, t.Key)
}

// AnalyzeStage tells the engine's planner about the columns by which the loaded stage is joined; an
// empty statement where it need not know.
func AnalyzeStage(d Dialect, t *Target) Statement {
	analyzer, ok := d.(Analyzer)
	if !ok {
		return Statement{}
	}
	joined := slices.Clone(t.stagedKey())
	add := func(column Column) {
		if !slices.ContainsFunc(joined, func(c Column) bool { return c.Name == column.Name }) {
			joined = append(joined, column)
		}
	}
	for _, l := range t.Lookups {
		for _, k := range l.By {
			add(k.Staged)
		}
	}
	for _, p := range t.Parents {
		if t.LookupOf(p.Column) == nil && slices.ContainsFunc(t.Mapped, func(c Column) bool { return c.Name == p.Column.Name }) {
			add(p.Column)
		}
	}
	return Statement{SQL: analyzer.Analyze(t.Stage, joined...)}
}

func indexStage(d Dialect, stage string, columns []Column) Statement {
	indexer, ok := d.(StageIndexer)
	if !ok {
		return Statement{}
	}
	return Statement{Defines: true, SQL: indexer.IndexStage(stage, columns)}
}

// stagedKey lists the staged columns that identify a record: the key's, or what its lookups
// go by.
func (t *Target) stagedKey() []Column {
	var columns []Column
	for _, k := range t.Key {
		lookup := t.LookupOf(k)
		if lookup == nil {
			columns = append(columns, k)
			continue
		}
		for _, by := range lookup.By {
			columns = append(columns, by.Staged)
		}
	}
	return columns
}

// StagedKeyNames are the names of the columns by which DuplicateStagedKeys, and findings
// about records, show a key.
func (t *Target) StagedKeyNames() []string {
	columns := t.stagedKey()
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	return names
}

// DropStage drops a staging table, named as by Dialect.StageTable.
func DropStage(d Dialect, stage string) Statement { return Statement{SQL: d.DropStage(stage)} }

// rowCount names a count beside columns that may bear any name.
const rowCount = "registrar rows"

// CountRepeatedHashes counts the staged rows whose key has the hash of another's: where there is
// none, no key is there twice, and DuplicateStagedKeys need not look. An empty statement where
// that would not be faster.
func CountRepeatedHashes(d Dialect, t *Target) Statement {
	hasher, ok := d.(KeyHasher)
	if !ok || t.ByTask {
		return Statement{}
	}
	c := composer{d: d}
	key := t.stagedKey()
	exprs := make([]string, len(key))
	for i, k := range key {
		exprs[i] = c.of("s", k)
	}
	hash := hasher.HashKey(exprs, key)
	if hash == "" {
		return Statement{}
	}
	return c.statement(`SELECT count(*) - count(DISTINCT %s) FROM %s s`, hash, t.Stage)
}

// DuplicateStagedKeys selects keys that the source gave more than once, under the
// destination's own equality: the number of rows, then the texts of the key, named as by
// StagedKeyNames; at most limit of them. By task, a key may be inserted and updated, but
// neither twice, nor deleted besides.
func DuplicateStagedKeys(d Dialect, t *Target, limit int) Statement {
	c := composer{d: d}
	key := t.stagedKey()
	duplicate := "count(*) > 1"
	if t.ByTask {
		task := c.of("s", TaskColumn(d))
		duplicate = "(count(*) > count(DISTINCT " + task + ") OR count(*) > 1 AND max(CASE " + task + " WHEN " + literal(opDelete) + " THEN 1 ELSE 0 END) = 1)"
	}
	return c.first(limit, `SELECT d.%s, %s FROM (SELECT count(*) AS %s, %s FROM %s s GROUP BY %s HAVING %s) d ORDER BY 2`,
		d.Quote(rowCount), join(key, ", ", func(k Column) string { return c.text("d", k) }), d.Quote(rowCount),
		c.columns("s", key), t.Stage, c.columns("s", key), duplicate)
}

// BadDestinationKeys selects the keys within the scope that are NULL in a part and,
// where no index enforces the key, those that occur more than once: the number of
// rows, then the key's canonical texts; at most limit of them.
func BadDestinationKeys(d Dialect, t *Target, enforced bool, limit int) Statement {
	c := composer{d: d}
	null := func(alias string) string {
		return or(join(t.Key, " OR ", func(k Column) string { return c.of(alias, k) + " IS NULL" }))
	}
	condition, having := c.ours(t, "t"), " HAVING count(*) > 1 OR "+null("t")
	if enforced {
		condition, having = and(condition, null("t")), ""
	}
	return c.first(limit, `SELECT d.%s, %s FROM (SELECT count(*) AS %s, %s FROM %s t WHERE %s GROUP BY %s%s) d ORDER BY 2`,
		d.Quote(rowCount), join(t.Key, ", ", func(k Column) string { return c.text("d", k) }), d.Quote(rowCount),
		c.columns("t", t.Key), t.Table.Name, condition, c.columns("t", t.Key), having)
}
