package plan

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

const (
	// maxBadRecords bounds the records that an error names, not those it counts.
	maxBadRecords = 10
	// maxMessage bounds, in characters, what is said of one record.
	maxMessage = 500
)

// mapper turns source rows into staged rows, as sqlgen.Target.Staged lists them.
//
// A record without a usable key is remembered and left out, so that all of them
// can be named at once; a sync with one is never compared. Any other record that does
// not fit, or that an assert rejects, is staged with its key and the reason.
type mapper struct {
	ctx     context.Context
	sync    *config.Sync
	target  *sqlgen.Target
	loc     *time.Location
	advance func(rows int64)
	// count is told of each record, and returns what ends the reading; nil: nothing does.
	count func(rows int64) error
	watch *watch // nil: nobody looks on

	// The result at hand.
	binding *binding
	rows    providers.Rows
	source  []value.Value
	task    config.Operation // "" but for a query per task

	read, rejected, warned int64
	bad                    tally
	stopped                []tally // for each assert
}

// tally counts records and names some of them.
type tally struct {
	count int64
	named []string
}

func newMapper(ctx context.Context, sync *config.Sync, target *sqlgen.Target, loc *time.Location, advance func(int64)) *mapper {
	return &mapper{ctx: ctx, sync: sync, target: target, loc: loc, advance: advance, stopped: make([]tally, len(sync.Asserts))}
}

// from says which rows come next.
func (m *mapper) from(task config.Operation, rows providers.Rows, b *binding) {
	m.task, m.rows, m.binding = task, rows, b
	m.source = make([]value.Value, len(rows.Columns()))
}

// readError marks an error as the source's, not the destination's that was
// loading.
type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }
func (e *readError) Unwrap() error { return e.err }

// next fills a staged row; it is what providers.Destination.Load calls.
func (m *mapper) next(row []value.Value) error {
	for {
		if err := m.rows.Next(m.source); err != nil {
			if errors.Is(err, io.EOF) {
				return io.EOF
			}
			return &readError{err}
		}
		m.read++
		if m.count != nil {
			if err := m.count(m.read); err != nil {
				return err
			}
		}
		if m.read%1024 == 0 {
			if err := m.ctx.Err(); err != nil {
				return err
			}
			m.advance(m.read)
		}
		usable := m.fill(row)
		m.watch.see(m, row, usable)
		if usable {
			return nil
		}
		m.bad.count++
	}
}

var (
	errNullKey = errors.New("is part of the key and must not be NULL")
	errNotNull = errors.New("is NULL, but its column is NOT NULL")
)

// fill maps the record at hand; false where its key is of no use.
func (m *mapper) fill(row []value.Value) bool {
	ok := true
	var reasons []string
	at := 0
	for i := range m.binding.columns {
		column := &m.binding.columns[i]
		staged := row[at : at+len(column.values)]
		at += len(staged)
		fits, null := true, false
		for j := range column.values {
			one := &column.values[j]
			if one.eval == nil {
				staged[j] = value.Value{}
				continue
			}
			v, err := one.eval(m.source)
			if err == nil && !v.IsNull() && one.typ.Holds(&v) {
				staged[j] = v
				continue
			}
			staged[j] = value.Value{}
			if err == nil {
				staged[j], err = one.typ.Fit(v, m.loc)
			}
			if err == nil && staged[j].IsNull() {
				null = true
				if column.isKey {
					err = errNullKey
				}
			}
			if err == nil {
				continue
			}
			fits = false
			shown := ""
			if !column.sensitive && !v.IsNull() {
				shown = fmt.Sprintf(" %q", cut(v.Text(), 60))
			}
			if column.isKey {
				m.blame(fmt.Sprintf("%s%s %s", one.name, shown, err))
				ok = false
			} else {
				reasons = append(reasons, fmt.Sprintf("%s:%s %s", one.name, shown, err))
			}
		}
		if null {
			clear(staged) // a lookup by a part that is NULL is NULL
			if fits && column.notNull && !column.isKey {
				reasons = append(reasons, fmt.Sprintf("%s: %s", column.name, errNotNull))
			}
		}
	}
	if !ok {
		return false
	}
	failed, warnings := m.assert()
	reasons = append(reasons, failed...)
	m.conclude(row[at:], reasons, warnings)
	if len(reasons) > 0 {
		m.keepKey(row[:at])
	}
	return true
}

// blame says what is wrong with a part of the record's key.
func (m *mapper) blame(why string) {
	if len(m.bad.named) < maxBadRecords {
		m.bad.named = append(m.bad.named, m.recordText()+": "+why)
	}
}

// assert says which asserts the record does not obey.
func (m *mapper) assert() (reasons, warnings []string) {
	for i := range m.binding.asserts {
		a := &m.binding.asserts[i]
		obeyed, err := a.condition(m.source)
		if err == nil {
			obeyed, err = value.Type{Kind: value.Bool}.Fit(obeyed, m.loc)
		}
		if err == nil && obeyed.Bool() {
			continue
		}
		said := a.Name
		switch {
		case a.Sensitive:
		case err != nil:
			said += ": cannot be evaluated: " + err.Error()
		default:
			if text := evaluateText(a.message, m.source); text != "" {
				said += ": " + text
			}
		}
		switch a.OnFailure {
		case config.WarnFailure:
			warnings = append(warnings, said)
		case config.StopFailure:
			stopped := &m.stopped[i]
			stopped.count++
			if len(stopped.named) < maxBadRecords {
				stopped.named = append(stopped.named, m.recordText()+": "+cut(said, maxMessage))
			}
		case config.RejectFailure:
			reasons = append(reasons, said)
		}
	}
	return reasons, warnings
}

// evaluateText computes a message. Where a NULL makes it NULL, the word null stands
// for that column; "" where that does not help either.
func evaluateText(message config.Eval, row []value.Value) string {
	v, err := message(row)
	if err == nil && v.IsNull() {
		worded := make([]value.Value, len(row))
		for i, one := range row {
			if worded[i] = one; one.IsNull() {
				worded[i] = value.OfText("null")
			}
		}
		v, err = message(worded)
	}
	if err != nil {
		return ""
	}
	return v.Text()
}

// conclude fills the stage's own columns.
func (m *mapper) conclude(own []value.Value, reasons, warnings []string) {
	clear(own)
	if len(reasons) > 0 {
		own[0] = messageValue(reasons)
		m.rejected++
	}
	own = own[1:]
	if m.target.Warns {
		if len(warnings) > 0 && len(reasons) == 0 {
			own[0] = messageValue(warnings)
			m.warned++
		}
		own = own[1:]
	}
	if m.target.ByTask {
		own[0] = value.OfText(string(m.task))
	}
}

// messageValue joins messages to a text that every database takes.
func messageValue(messages []string) value.Value {
	return value.OfText(plainText(strings.Join(messages, "; ")))
}

func plainText(text string) string {
	return cut(strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD"), maxMessage)
}

// keepKey leaves the key of a rejected record, and nothing else.
func (m *mapper) keepKey(row []value.Value) {
	for i := range m.binding.columns {
		column := &m.binding.columns[i]
		n := len(column.values)
		if !column.isKey {
			clear(row[:n])
		}
		row = row[n:]
	}
}

// recordText names the record at hand by its number and its key, as far as it
// can be computed.
func (m *mapper) recordText() string {
	var parts []string
	for i := range m.binding.columns {
		column := &m.binding.columns[i]
		if !column.isKey {
			continue
		}
		for j := range column.values {
			v, err := column.values[j].eval(m.source)
			switch {
			case column.sensitive:
				parts = append(parts, "(sensitive)")
			case err != nil || v.IsNull():
				parts = append(parts, "null")
			default:
				parts = append(parts, fmt.Sprintf("%q", cut(v.Text(), 60)))
			}
		}
	}
	return fmt.Sprintf("record %d (%s)", m.read, strings.Join(parts, ", "))
}

// err returns what keeps the records from being compared.
func (m *mapper) err() config.Diagnostics {
	var diags config.Diagnostics
	if m.bad.count > 0 {
		diags.Errorf(m.sync.Range, "Records do not fit", "%s:\n  %s\n%s Correct them at the source or convert them in the mapping; nothing was planned.",
			m.sync.Address, strings.Join(m.bad.named, "\n  "), m.bad.more(m.read, "cannot be mapped"))
	}
	for i := range m.sync.Asserts {
		a := &m.sync.Asserts[i]
		if stopped := &m.stopped[i]; stopped.count > 0 {
			diags.Errorf(a.Range, "Assert stops the plan", "%s:\n  %s\n%s Correct them at the source; nothing was planned.",
				m.sync.Address, strings.Join(stopped.named, "\n  "), stopped.more(m.read, "do not obey it"))
		}
	}
	return diags
}

// more says how many records there are, where there are several.
func (t *tally) more(read int64, what string) string {
	if t.count == 1 {
		return ""
	}
	return fmt.Sprintf(" %d records of %d %s.", t.count, read, what)
}

// cut shortens text to at most n characters.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	runes := []rune(text)
	if len(runes) <= n {
		return text
	}
	return string(runes[:n]) + "…"
}
