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

// maxBadRecords bounds the records that an error names, not those it counts.
const maxBadRecords = 10

// mapper turns source rows into staged rows. A record that cannot be mapped is
// remembered and left out, so that all of them can be named at once; a sync with one
// is never compared.
type mapper struct {
	ctx     context.Context
	sync    *config.Sync
	target  *sqlgen.Target
	evals   []config.Eval
	isKey   []bool
	loc     *time.Location
	rows    providers.Rows
	source  []value.Value
	read    int64
	bad     int64
	named   []string
	advance func(rows int64)
}

func newMapper(ctx context.Context, sync *config.Sync, target *sqlgen.Target, evals []config.Eval, rows providers.Rows, loc *time.Location, advance func(int64)) *mapper {
	m := &mapper{
		ctx: ctx, sync: sync, target: target, evals: evals, rows: rows, loc: loc, advance: advance,
		source: make([]value.Value, len(rows.Columns())), isKey: make([]bool, len(target.Mapped)),
	}
	for i, column := range target.Mapped {
		for _, key := range target.Key {
			m.isKey[i] = m.isKey[i] || key.Name == column.Name
		}
	}
	return m
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
		if m.read%1024 == 0 {
			if err := m.ctx.Err(); err != nil {
				return err
			}
			m.advance(m.read)
		}
		if m.fill(row) {
			return nil
		}
		m.bad++
	}
}

func (m *mapper) fill(row []value.Value) bool {
	ok := true
	for i, eval := range m.evals {
		v, err := eval(m.source)
		if err == nil {
			row[i], err = m.target.Mapped[i].Type.Fit(v, m.loc)
		}
		if err == nil && m.isKey[i] && row[i].IsNull() {
			err = errNullKey
		}
		if err != nil {
			m.blame(i, v, err)
			ok = false
		}
	}
	return ok
}

var errNullKey = errors.New("is part of the key and must not be NULL")

func (m *mapper) blame(column int, v value.Value, err error) {
	if len(m.named) >= maxBadRecords {
		return
	}
	shown := ""
	if c := m.sync.Columns[column]; !c.Sensitive && !v.IsNull() {
		shown = fmt.Sprintf(" %q", cut(v.Text(), 60))
	}
	m.named = append(m.named, fmt.Sprintf("record %d%s: %s%s %s", m.read, m.keyText(), m.sync.Columns[column].Name, shown, err))
}

// keyText names the record at hand by its key, as far as it can be computed.
func (m *mapper) keyText() string {
	var parts []string
	for i, eval := range m.evals {
		if !m.isKey[i] {
			continue
		}
		v, err := eval(m.source)
		switch {
		case m.sync.Columns[i].Sensitive:
			parts = append(parts, "(sensitive)")
		case err != nil || v.IsNull():
			parts = append(parts, "null")
		default:
			parts = append(parts, fmt.Sprintf("%q", cut(v.Text(), 60)))
		}
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// err returns what is wrong with the records, as a diagnostic on the columns.
func (m *mapper) err() config.Diagnostics {
	if m.bad == 0 {
		return nil
	}
	var diags config.Diagnostics
	more := ""
	if m.bad > 1 {
		more = fmt.Sprintf(" %d records of %d cannot be mapped.", m.bad, m.read)
	}
	diags.Errorf(m.sync.Range, "Records do not fit", "%s:\n  %s\n%s Correct them at the source or convert them in the mapping; nothing was planned.",
		m.sync.Address, strings.Join(m.named, "\n  "), more)
	return diags
}

// cut shortens text to at most n characters.
func cut(text string, n int) string {
	runes := []rune(text)
	if len(runes) <= n {
		return text
	}
	return string(runes[:n]) + "…"
}
