package plan

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// Watched is what one key met on its way through a plan that was made and undone.
type Watched struct {
	Sync *config.Sync
	Key  register.Document // as typed
	// KeyErr says why it cannot be a key of the table; nil: it can.
	KeyErr error
	// Err says why no plan could be made; nil where Planned. What is known beside it is as the databases have it.
	Err     error
	Planned bool
	PlanID  string // of no use in a register
	// Records are those of the source under the key; several are a mistake.
	Records []WatchedRecord
	// Described: the table could be read. Rows are those under the key, whoever they belong to, ours first.
	Described bool
	Rows      []WatchedRow
	Lookups   []WatchedLookup
	// Operations are what the plan would do about the key, Findings what it notices; Checks are those of its checks that name the
	// whole key, and Related some that name a part of it.
	Operations []register.Operation
	Findings   []register.Finding
	Checks     []register.Finding
	Related    []register.Finding
	// Blocking are some findings of the checks that hold the sync.
	Blocking []register.Finding
	Summary  register.SyncSummary
	// HeldWith says what holds others of the sync's unit, and so all of it; Aside is what the plan is without; Referring are the
	// addresses of syncs that are run apart, and whose rows refer to the sync's.
	HeldWith  []string
	Aside     []Aside
	Referring []string
	Policies  []register.PolicySummary
	// KeyNames are the names of the staged key's parts, KeyTexts their texts: a part that is looked up goes by its business keys.
	KeyNames, KeyTexts []string
	// ScopeColumns say whose a row is.
	ScopeColumns []string
	// Ignored are mapped columns that only an insert writes, Unmapped those of the table that the configuration does not name.
	Ignored, Unmapped []string
}

// WatchedRow is a row of the destination under the watched key.
type WatchedRow struct {
	Values register.Document // all its columns; what is looked up with its business keys, as "column.key"
	// Ours: it is in the sync's scope; Clashes: no other row of the table may have its key.
	Ours, Clashes, Archived, Protected bool
}

// WatchedLookup is a lookup of the record.
type WatchedLookup struct {
	Column string
	Table  string
	Keys   register.Document // the parent's columns
	// Found are the values that it leads to, as the table is now, Buried those of archived rows, which do not count.
	Found, Buried []string
	Sensitive     bool
	// Owners are the addresses of the syncs that write the table.
	Owners []string
}

// hasKey reports whether the key can be one.
func (w *Watched) hasKey() bool { return w.KeyErr == nil }

// Masking says what may be shown of the row.
func (w *Watched) Masking() Masking { return Masking{Sensitive: w.Summary.Sensitive} }

// Cells are a document's columns as outputs show them.
func Cells(doc register.Document, m Masking) []Cell { return cells(doc, m) }

const (
	maxWatchedRows     = 20
	maxWatchedFindings = 20
)

func watchedStaged(w *work, texts []string) sqlgen.Statement {
	return sqlgen.WatchedStaged(w.into.Dialect(), w.target, w.target.Stage, texts, maxWatchedRows)
}

// texts runs a query of so many texts.
func (d *destination) texts(ctx context.Context, q providers.Querier, s sqlgen.Statement, columns int) ([][]sql.NullString, error) {
	rows, err := q.QueryContext(ctx, s.SQL, s.Args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found [][]sql.NullString
	for rows.Next() {
		row, into := make([]sql.NullString, columns), make([]any, columns)
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		found = append(found, row)
	}
	return found, rows.Err()
}

// lookAround gathers what there is to tell of the key, before the plan is undone.
func (m *maker) lookAround(ctx context.Context, w *Watched) error {
	at := m.planned(w.Sync.Address)
	if at == nil {
		for i := range w.Sync.Columns {
			if c := &w.Sync.Columns[i]; c.Sensitive {
				w.Summary.Sensitive = append(w.Summary.Sensitive, c.Name)
			}
		}
		return nil
	}
	w.Summary, w.Referring = at.summary, referring(m.cfg, w.Sync)
	m.gatherChecks(w)
	if at.target == nil || !w.hasKey() {
		return nil
	}
	w.Ignored, w.KeyNames = at.target.Ignored, at.target.StagedKeyNames()
	named := at.named()
	for _, c := range at.target.Table.Columns {
		if !named[c.Name] {
			w.Unmapped = append(w.Unmapped, c.Name)
		}
	}
	for _, s := range at.target.Scope {
		w.ScopeColumns = append(w.ScopeColumns, s.Column.Name)
	}
	for _, p := range at.target.Parents {
		w.ScopeColumns = append(w.ScopeColumns, p.Column.Name)
	}
	if len(m.watch.keys) == 0 {
		return nil
	}
	w.KeyTexts = m.watch.typed()
	d := at.into
	now := m.now
	if d.now.After(now) {
		now = d.now
	}
	SetClock(at.target, w.Sync, now, m.cfg.Settings.Timezone)
	q := d.querier(!w.Planned)
	if err := at.watchRows(ctx, q, w); err != nil {
		return d.failed(at, err)
	}
	if err := at.watchLookups(ctx, q, w, m); err != nil {
		return d.failed(at, err)
	}
	if !w.Planned {
		return nil
	}
	return at.watchOutcome(ctx, q, w)
}

func (w *work) watchRows(ctx context.Context, q providers.Querier, out *Watched) error {
	names := sqlgen.WatchedFields(w.target)
	found, err := w.into.texts(ctx, q, sqlgen.WatchedRows(w.into.Dialect(), w.target, out.KeyTexts, maxWatchedRows), len(names)+4)
	if err != nil {
		return fmt.Errorf("look for the row: %w", err)
	}
	out.Described = true
	for _, texts := range found {
		is := func(i int) bool { return texts[i].String == "1" }
		row := WatchedRow{Ours: is(0), Clashes: is(1), Archived: is(2), Protected: is(3)}
		for i, name := range names {
			text := texts[i+4]
			row.Values = append(row.Values, register.Field{Column: name, Text: text.String, Null: !text.Valid})
		}
		out.Rows = append(out.Rows, row)
	}
	return nil
}

// watchLookups looks up what the record does, as the tables are now.
func (w *work) watchLookups(ctx context.Context, q providers.Querier, out *Watched, m *maker) error {
	if len(out.Records) == 0 {
		return nil
	}
	record := &out.Records[0]
	for _, l := range w.target.Lookups {
		i := slices.IndexFunc(record.Mapped, func(c WatchedColumn) bool { return c.Name == l.Column.Name })
		column := &record.Mapped[i]
		from := w.column(l.Column.Name).Lookup
		one := WatchedLookup{Column: l.Column.Name, Table: from.Table, Sensitive: l.Sensitive}
		var texts []string
		for j, v := range column.Values {
			one.Keys = append(one.Keys, register.Field{Column: l.By[j].Column.Name, Text: v.Text, Null: v.Null})
			if !v.Null && v.Err == "" {
				texts = append(texts, v.Text)
			}
		}
		for _, s := range m.cfg.Syncs {
			if writes(s, w.sync.Destination.Into, from.Table) {
				one.Owners = append(one.Owners, s.Address)
			}
		}
		if len(texts) == len(l.By) {
			found, err := w.into.texts(ctx, q, sqlgen.WatchedParents(w.into.Dialect(), l, texts, maxWatchedRows), 2)
			if err != nil {
				return fmt.Errorf("look for the rows of %s: %w", from.Table, err)
			}
			for _, row := range found {
				if row[1].String == "1" {
					one.Buried = append(one.Buried, row[0].String)
				} else {
					one.Found = append(one.Found, row[0].String)
				}
			}
		}
		out.Lookups = append(out.Lookups, one)
	}
	return nil
}

// watchOutcome reads what the plan would do, and has noticed.
func (w *work) watchOutcome(ctx context.Context, q providers.Querier, out *Watched) error {
	r := register.New(w.into.Dialect())
	keys := out.KeySpellings()
	var err error
	if out.Operations, err = r.PlannedOfKey(ctx, q, w.planID, w.sync.Address, w.summary.AfterSeq, w.summary.LastSeq, keys); err != nil {
		return err
	}
	return r.Findings(ctx, q, w.planID, w.sync.Address, "", 0, func(f *register.Finding) error {
		if len(out.Findings) < maxWatchedFindings && (slices.ContainsFunc(keys, f.Key.HasAll) || f.Kind == register.Renamed && namesKey(f.Message, out.KeyTexts)) {
			out.Findings = append(out.Findings, *f)
		}
		return nil
	})
}

// KeySpellings are the key as documents of the register may have it: as typed, and as the source and the destination spell it.
func (w *Watched) KeySpellings() []register.Document {
	if len(w.KeyTexts) == 0 {
		return []register.Document{w.Key}
	}
	of := func(texts []string) register.Document {
		doc := make(register.Document, len(w.KeyNames))
		for i, name := range w.KeyNames {
			doc[i] = register.Field{Column: name, Text: texts[i]}
		}
		return doc
	}
	keys := []register.Document{of(w.KeyTexts)}
	for _, record := range w.Records {
		keys = append(keys, of(record.Key))
	}
	for _, row := range w.Rows {
		texts := make([]string, len(w.KeyNames))
		for i, name := range w.KeyNames {
			field, _ := row.Values.Field(name)
			texts[i] = field.Text
		}
		keys = append(keys, of(texts))
	}
	return keys
}

// namesKey reports whether a moved block leads to the key.
func namesKey(block string, texts []string) bool {
	_, to, found := strings.Cut(block, "\n  to   = ")
	return found && len(texts) > 0 && !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(to, quoted(text)) })
}

// gatherChecks keeps the findings of checks that are about the key.
func (m *maker) gatherChecks(w *Watched) {
	for i := range m.checked {
		result := &m.checked[i]
		holds := result.check.Severity == config.CheckError && slices.Contains(result.check.Blocks, w.Sync.Address)
		for _, f := range result.findings {
			switch whole, part := aboutKey(w.Key, f.Key); {
			case whole && len(w.Checks) < maxWatchedFindings:
				w.Checks = append(w.Checks, f)
			case part && len(w.Related) < maxWatchedFindings:
				w.Related = append(w.Related, f)
			}
			if holds && len(w.Blocking) < maxBlocking {
				w.Blocking = append(w.Blocking, f)
			}
		}
	}
}

const maxBlocking = 3

// aboutKey reports whether the key of a check's finding has, for each part of a key, a text that is that part or a word of it;
// and whether it has one that is a whole part. A check goes by the columns of its own query, of which nobody knows which of them
// a key is made of.
func aboutKey(key, found register.Document) (whole, part bool) {
	whole = len(key) > 0
	for _, k := range key {
		one := false
		for _, f := range found {
			if f.Null || f.Text == "" {
				continue
			}
			part = part || strings.EqualFold(f.Text, k.Text)
			one = one || hasWord(k.Text, f.Text)
		}
		whole = whole && one
	}
	return whole, part
}

// hasWord reports whether a text is another one, or stands in it between blanks.
func hasWord(text, word string) bool {
	return strings.EqualFold(text, word) || strings.Contains(" "+strings.ToLower(text)+" ", " "+strings.ToLower(word)+" ")
}
