package plan

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// maxFindings bounds the findings of one check that are kept, not those counted.
const maxFindings = 10_000

// checkResult is what a check found.
type checkResult struct {
	check *config.Check
	// into is where its findings are recorded: the destination that it looked at, that of the
	// staged rows, or that of the syncs which it blocks.
	into  *destination
	count int64
	// findings are the first maxFindings of them, without sequence numbers.
	findings []register.Finding
}

// runChecks runs the checks that concern the plan, but for those on sources, which
// ran when these were read, and returns what all of them found, in the order of the
// configuration. It must be called while the stages are as they were loaded.
// Where a transaction of a destination is open, staged rows are read in it.
func (m *maker) runChecks(ctx context.Context) ([]checkResult, error) {
	m.warnUnlooked()
	byConnection := map[*config.Connection]*reader{}
	var readers []*reader
	with := newReading(1)
	for _, check := range m.concerned() {
		switch {
		case check.From == nil:
			if err := m.checkStages(ctx, check); err != nil {
				return nil, err
			}
		case slices.Contains(m.cfg.Destinations, check.From):
			if byConnection[check.From] == nil {
				byConnection[check.From] = m.reader(check.From, with)
				readers = append(readers, byConnection[check.From])
			}
			byConnection[check.From].checks = append(byConnection[check.From].checks, check)
		}
	}
	for _, r := range readers {
		err := r.run(ctx)
		m.report(slices.Concat(r.diags...))
		if err != nil {
			return nil, err
		}
	}
	if err := m.diags.Err(); err != nil {
		return nil, err
	}
	place := func(r checkResult) int { return slices.Index(m.cfg.Checks, r.check) }
	slices.SortStableFunc(m.checked, func(a, b checkResult) int { return place(a) - place(b) })
	return m.checked, nil
}

// sourceChecks lists the checks to run when the sources are read.
func (m *maker) sourceChecks() []*config.Check {
	return slices.DeleteFunc(m.concerned(), func(c *config.Check) bool {
		return c.From == nil || slices.Contains(m.cfg.Destinations, c.From)
	})
}

// concerned lists the checks that concern the plan: all of them, or, where it leaves syncs
// out, those that look at, or block, what is planned.
func (m *maker) concerned() []*config.Check {
	if len(m.works) == 0 {
		return nil
	}
	if len(m.works) == len(m.cfg.Syncs) {
		return slices.Clone(m.cfg.Checks)
	}
	planned := func(address string) bool { return m.planned(address) != nil }
	return slices.DeleteFunc(slices.Clone(m.cfg.Checks), func(c *config.Check) bool {
		if c.From == nil {
			return !slices.ContainsFunc(c.Staged, planned)
		}
		return !slices.ContainsFunc(c.Blocks, planned) && !m.watch.looksOn(m, c)
	})
}

// warnUnlooked tells of checks that block syncs of the plan, but look at none of it. One whose
// findings would hold them cannot be left out.
func (m *maker) warnUnlooked() {
	planned := func(address string) bool { return m.planned(address) != nil }
	var diags config.Diagnostics
	for _, c := range m.cfg.Checks {
		if c.From == nil && !slices.ContainsFunc(c.Staged, planned) && slices.ContainsFunc(c.Blocks, planned) {
			tell := diags.Warnf
			if c.Severity == config.CheckError {
				tell = diags.Errorf
			}
			tell(c.Range, "Check not run", "%s looks at rows of syncs that this plan leaves out, though it blocks some that it has: plan them together.", c.Address)
		}
	}
	m.report(diags)
}

func (m *maker) planned(address string) *work {
	for _, w := range m.works {
		if w.sync.Address == address {
			return w
		}
	}
	return nil
}

// reader reads a source; a destination can be one, for checks.
func (m *maker) reader(from *config.Connection, with *reading) *reader {
	broken := func() bool { return with.failed.Load() || m.broken() }
	return &reader{reading: with, opts: m.opts, cfg: m.cfg, from: from, limits: m.databases.limits, broken: broken, found: m.found}
}

// found keeps the result of a check that looked at a connection.
func (m *maker) found(result *checkResult) {
	m.mu.Lock()
	defer m.mu.Unlock()
	result.into = m.recordsOf(result.check)
	m.checked = append(m.checked, *result)
}

func (m *maker) recordsOf(check *config.Check) *destination {
	for _, d := range m.destinations {
		if d.connection == check.From {
			return d
		}
	}
	for _, address := range check.Blocks {
		if w := m.planned(address); w != nil {
			return w.into
		}
	}
	return m.destinations[0]
}

// check runs a check's query.
func (r *reader) check(ctx context.Context, snapshot providers.Snapshot, check *config.Check) (diags config.Diagnostics, err error) {
	within := r.bound(ctx, check.Address)
	ctx = within
	read := int64(0)
	defer func() { err = within.close(read, err) }()
	failed := func(err error) (config.Diagnostics, error) {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if providers.Transient(r.opts.Providers, err) { // no mistake of the configuration's
			return nil, fmt.Errorf("%s: %s cannot be read: %w", check.Address, r.from.Address, providers.SafeError(r.source, err))
		}
		diags.Errorf(check.QueryRange, "Check cannot be run", "%s, %s: %s", check.Address, r.from.Address, providers.SafeError(r.source, err))
		return diags, nil
	}
	query := providers.Query{SQL: check.Query}
	for _, p := range check.Params {
		query.Params = append(query.Params, providers.Param{Name: p.Name, Value: p.Value})
	}
	rows, err := snapshot.Read(ctx, query)
	if err != nil {
		return failed(err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	e := newExaminer(check, resultOf("The query", rows), &diags)
	for i, name := range e.from.names {
		e.hidden[i] = e.hidden[i] || masks(r.cfg, check.From, "", name)
	}
	for _, i := range e.indexes(&diags, check.Key, "key") {
		e.key = append(e.key, keyPart{name: e.from.names[i], at: i})
	}
	if diags.HasErrors() || r.broken() {
		return diags, nil
	}
	row := make([]value.Value, len(e.from.names))
	for {
		switch err := rows.Next(row); {
		case errors.Is(err, io.EOF):
			r.found(&e.result)
			return diags, nil
		case err != nil:
			return failed(err)
		}
		if read++; within.passes(read) {
			return diags, nil // which close says
		}
		e.examine(row)
	}
}

// checkStages looks at the staged rows of those syncs of a check that are planned.
func (m *maker) checkStages(ctx context.Context, check *config.Check) error {
	for _, d := range m.destinations {
		var result *checkResult
		for _, w := range d.works {
			if !slices.Contains(check.Staged, w.sync.Address) {
				continue
			}
			kept := 0
			if result != nil {
				kept = len(result.findings)
			}
			found, err := d.checkStage(ctx, m, check, w, maxFindings-kept)
			if err != nil {
				return fmt.Errorf("%s: look at the rows of %s: %w", check.Address, w.sync.Address, d.safe(err))
			}
			if found == nil {
				continue
			}
			if result == nil {
				result = &checkResult{check: check, into: d}
			}
			result.count += found.count
			result.findings = append(result.findings, found.findings...)
		}
		if result != nil {
			m.checked = append(m.checked, *result)
		}
	}
	return nil
}

// checkStage looks at the staged rows of one sync; nil where the check does not fit them.
func (d *destination) checkStage(ctx context.Context, m *maker, check *config.Check, w *work, limit int) (*checkResult, error) {
	staged := stagedValues(w)
	from := &result{what: w.sync.Address + ", as staged,"}
	for _, s := range staged {
		from.names, from.types = append(from.names, s.Name), append(from.types, s.Type)
	}
	var diags config.Diagnostics
	e := newExaminer(check, from, &diags)
	e.where = from.bind(&diags, &check.Where)
	m.report(diags)
	if diags.HasErrors() {
		return nil, nil //nolint:nilnil // the diagnostics say it
	}
	e.limit = limit
	for i, s := range staged {
		e.hidden[i] = e.hidden[i] || s.sensitive
		if !s.isKey {
			continue
		}
		if s.lookup != "" && (i == 0 || staged[i-1].lookup != s.lookup) {
			// As in every key document; what it will be is not known yet.
			e.key = append(e.key, keyPart{name: s.lookup, at: -1})
		}
		e.key = append(e.key, keyPart{name: s.Name, at: i})
	}
	if len(check.Staged) > 1 {
		e.detail = append(e.detail, register.Field{Column: "sync", Text: w.sync.Address})
	}

	var q providers.Querier = d.conn
	if d.tx != nil {
		q = d.tx
	}
	rows, err := q.QueryContext(ctx, stagedRows(d.Dialect(), w.target, staged))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	texts, into, row := make([]sql.NullString, len(staged)), make([]any, len(staged)), make([]value.Value, len(staged))
	for i := range texts {
		into[i] = &texts[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		for i, text := range texts {
			row[i] = value.Value{}
			if !text.Valid {
				continue
			}
			if row[i], err = staged[i].Type.Fit(value.OfText(text.String), m.cfg.Settings.Timezone); err != nil {
				row[i] = value.OfText(text.String)
			}
		}
		e.examine(row)
	}
	slices.SortStableFunc(e.result.findings, func(a, b register.Finding) int {
		return slices.CompareFunc(a.Key, b.Key, func(a, b register.Field) int { return strings.Compare(a.Text, b.Text) })
	})
	return &e.result, rows.Err()
}

// stagedValue is a staged column that holds a value of the source.
type stagedValue struct {
	sqlgen.Column
	lookup           string // the column whose lookup goes by it
	isKey, sensitive bool
}

func stagedValues(w *work) []stagedValue {
	var list []stagedValue
	for _, c := range w.target.Mapped {
		one := stagedValue{
			Column:    c,
			isKey:     slices.ContainsFunc(w.target.Key, func(k sqlgen.Column) bool { return k.Name == c.Name }),
			sensitive: slices.Contains(w.summary.Sensitive, c.Name),
		}
		lookup := w.target.LookupOf(c)
		if lookup == nil {
			list = append(list, one)
			continue
		}
		for _, by := range lookup.By {
			one.Column, one.lookup = by.Staged, c.Name
			one.sensitive = lookup.Sensitive
			list = append(list, one)
		}
	}
	return list
}

// stagedRows selects the canonical texts of the records that were staged, but for those that
// are rejected, and those to delete.
func stagedRows(d sqlgen.Dialect, t *sqlgen.Target, staged []stagedValue) string {
	of := func(c sqlgen.Column) string { return "s." + d.Quote(c.Name) }
	texts := make([]string, len(staged))
	for i, s := range staged {
		texts[i] = d.Canonical(of(s.Column), s.Column)
	}
	query := "SELECT " + strings.Join(texts, ", ") + " FROM " + t.Stage + " s WHERE " + of(sqlgen.SkipColumn(d)) + " IS NULL"
	if t.ByTask {
		query += " AND " + of(sqlgen.TaskColumn(d)) + " <> '" + string(config.Delete) + "'"
	}
	return query
}
