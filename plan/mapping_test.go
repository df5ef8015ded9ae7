package plan

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// records are a source's rows. Cells are texts, or nil for NULL.
type records struct {
	columns []string
	cells   [][]any
	at      int
}

func (r *records) Columns() []providers.Column {
	out := make([]providers.Column, len(r.columns))
	for i, name := range r.columns {
		out[i] = providers.Column{Name: name, Type: value.Type{Kind: value.Text}}
	}
	return out
}

func (r *records) Next(row []value.Value) error {
	if r.at == len(r.cells) {
		return io.EOF
	}
	for i, cell := range r.cells[r.at] {
		row[i] = value.Value{}
		if text, ok := cell.(string); ok {
			row[i] = value.OfText(text)
		}
	}
	r.at++
	return nil
}

func (*records) Close() error { return nil }

// column is the expression row.NAME.
func column(name string) config.Expr {
	e := expr(func(row []value.Value) (value.Value, error) { return row[0], nil }, name)
	e.Plain = true
	return e
}

// expr is an expression of some columns.
func expr(eval config.Eval, names ...string) config.Expr {
	e := config.Expr{Range: config.Range{File: "main.hcl"}, Bind: func(index []int) config.Eval {
		return func(row []value.Value) (value.Value, error) {
			operands := make([]value.Value, len(index))
			for i, at := range index {
				operands[i] = row[at]
			}
			return eval(operands)
		}
	}}
	for _, name := range names {
		e.Refs = append(e.Refs, config.ColumnRef{Name: name})
	}
	return e
}

// template is text with NULL propagating.
func template(format string, names ...string) config.Expr {
	return expr(func(row []value.Value) (value.Value, error) {
		operands := make([]any, len(row))
		for i, v := range row {
			if v.IsNull() {
				return value.Value{}, nil
			}
			operands[i] = v.Text()
		}
		return value.OfText(fmt.Sprintf(format, operands...)), nil
	}, names...)
}

// isSet is row.NAME != null, is row.NAME == VALUE.
func isSet(name string) config.Expr {
	return expr(func(row []value.Value) (value.Value, error) { return value.OfBool(!row[0].IsNull()), nil }, name)
}

func is(name, wanted string) config.Expr {
	return expr(func(row []value.Value) (value.Value, error) {
		if row[0].IsNull() {
			return value.Value{}, nil
		}
		return value.OfBool(row[0].Text() == wanted), nil
	}, name)
}

// bookings are a sync of a link table: its key is a room, found by site and number, and a
// day.
func bookings() (*config.Sync, *sqlgen.Target) {
	text, number := value.Type{Kind: value.Text, SQL: "text", Size: 10}, value.Type{Kind: value.Int, SQL: "bigint"}
	sync := &config.Sync{
		Address: "sync.bookings",
		Source:  config.SyncSource{Table: "booking"},
		Columns: []config.Column{
			{Name: "seats", Expr: column("SEATS")},
			{Name: "room_id", Lookup: &config.Lookup{By: []config.LookupKey{{Column: "site", Expr: column("SITE")}, {Column: "number", Expr: column("NUMBER")}}}},
			{Name: "day", Expr: column("DAY")},
			{Name: "owner_id", Lookup: &config.Lookup{By: []config.LookupKey{{Column: "code", Expr: column("OWNER")}, {Column: "kind", Expr: column("KIND")}}}},
			{Name: "note", Expr: column("NOTE"), Sensitive: true},
		},
		Destination: config.SyncDestination{Table: "booking", Key: []string{"room_id", "day"}},
		Range:       config.Range{File: "main.hcl"},
	}
	target := &sqlgen.Target{
		Mapped: []sqlgen.Column{{Name: "seats", Type: number, NotNull: true}, {Name: "room_id", Type: number}, {Name: "day", Type: text}, {Name: "owner_id", Type: number}, {Name: "note", Type: text}},
		Lookups: []*sqlgen.Lookup{
			{Column: sqlgen.Column{Name: "room_id"}, By: []sqlgen.LookupKey{{Staged: sqlgen.Column{Name: "room_id.site", Type: text}}, {Staged: sqlgen.Column{Name: "room_id.number", Type: number}}}},
			{Column: sqlgen.Column{Name: "owner_id"}, By: []sqlgen.LookupKey{{Staged: sqlgen.Column{Name: "owner_id.code", Type: text}}, {Staged: sqlgen.Column{Name: "owner_id.kind", Type: number}}}},
		},
	}
	target.Key = []sqlgen.Column{target.Mapped[1], target.Mapped[2]}
	return sync, target
}

var bookingColumns = []string{"SEATS", "SITE", "NUMBER", "DAY", "OWNER", "KIND", "NOTE"}

// stageAll maps records; each staged row is its texts, NULL a dash.
func stageAll(t *testing.T, sync *config.Sync, target *sqlgen.Target, task config.Operation, rows *records) (*mapper, []string) {
	t.Helper()
	m := newMapper(t.Context(), sync, target, time.UTC, func(int64) {})
	return m, m.stageMore(t, task, rows)
}

func (m *mapper) stageMore(t *testing.T, task config.Operation, rows *records) []string {
	t.Helper()
	b, diags := bindSource(m.sync, m.target, resultOf("The source", rows), task == config.Delete)
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	m.from(task, rows, b)
	width := 1
	for _, column := range b.columns {
		width += len(column.values)
	}
	if m.target.Warns {
		width++
	}
	if m.target.ByTask {
		width++
	}
	row := make([]value.Value, width)
	for i := range row {
		row[i] = value.OfText("left from the row before")
	}
	var staged []string
	for {
		err := m.next(row)
		if errors.Is(err, io.EOF) {
			return staged
		}
		if err != nil {
			t.Fatal(err)
		}
		texts := make([]string, len(row))
		for i, v := range row {
			if texts[i] = v.Text(); v.IsNull() {
				texts[i] = "-"
			}
		}
		staged = append(staged, strings.Join(texts, "|"))
	}
}

func wantRows(t *testing.T, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("staged rows (-want +got):\n%s", diff)
	}
}

func TestMapperStagesLookups(t *testing.T) {
	sync, target := bookings()
	m, got := stageAll(t, sync, target, "", &records{columns: bookingColumns, cells: [][]any{
		{"12", "North", "7", "Monday", "X1", "3", "n"},
		{"12", "North", "7", "Tuesday", "X1", nil, nil}, // NULL in a part
		{"12", "North", "7", "Friday", nil, "3", nil},
	}})
	wantRows(t, got, "12|North|7|Monday|X1|3|n|-", "12|North|7|Tuesday|-|-|-|-", "12|North|7|Friday|-|-|-|-")
	if m.read != 3 || m.rejected != 0 || m.err() != nil {
		t.Errorf("read %d, rejected %d: %v", m.read, m.rejected, m.err())
	}
}

func TestMapperRejects(t *testing.T) {
	for name, test := range map[string]struct {
		cells []any
		want  string
	}{
		"value":                            {[]any{"a dozen", "North", "7", "Monday", "X1", "3", "n"}, `seats: "a dozen" does not fit bigint: `},
		"key of a lookup":                  {[]any{"12", "North", "7", "Monday", "X1", "three", "n"}, `owner_id.kind: "three" does not fit bigint: `},
		"key of a lookup, another NULL":    {[]any{"12", "North", "7", "Monday", nil, "three", "n"}, `owner_id.kind: "three" does not fit bigint: `},
		"NULL where the column takes none": {[]any{nil, "North", "7", "Monday", "X1", "3", "n"}, `seats: is NULL, but its column is NOT NULL`},
		"sensitive":                        {[]any{"12", "North", "7", "Monday", "X1", "3", "SECRET-SECRET"}, `note: does not fit text: has 13 characters, 10 fit`},
	} {
		t.Run(name, func(t *testing.T) {
			sync, target := bookings()
			m, got := stageAll(t, sync, target, "", &records{columns: bookingColumns, cells: [][]any{test.cells, {"1", "South", "2", "Monday", "X1", "3", "n"}}})
			if len(got) != 2 || !strings.HasPrefix(got[0], "-|North|7|Monday|-|-|-|"+test.want) || got[1] != "1|South|2|Monday|X1|3|n|-" {
				t.Errorf("staged %q, want a reject by %q", got, test.want)
			}
			if m.read != 2 || m.rejected != 1 || m.err() != nil {
				t.Errorf("read %d, rejected %d: %v", m.read, m.rejected, m.err())
			}
		})
	}
	t.Run("a lookup that is NULL", func(t *testing.T) {
		sync, target := bookings()
		target.Mapped[3].NotNull = true
		_, got := stageAll(t, sync, target, "", &records{columns: bookingColumns, cells: [][]any{{"1", "South", "2", "Monday", "X1", nil, "n"}}})
		wantRows(t, got, "-|South|2|Monday|-|-|-|owner_id: is NULL, but its column is NOT NULL")
	})
	t.Run("all that is wrong", func(t *testing.T) {
		sync, target := bookings()
		_, got := stageAll(t, sync, target, "", &records{columns: bookingColumns, cells: [][]any{{nil, "South", "2", "Monday", "much too long", "3", "n"}}})
		wantRows(t, got, "-|South|2|Monday|-|-|-|seats: is NULL, but its column is NOT NULL; owner_id.code: \"much too long\" does not fit text: has 13 characters, 10 fit")
	})
	t.Run("a message is bounded and storable", func(t *testing.T) {
		sync, target := bookings()
		sync.Asserts = []config.Assert{{Name: "long", Condition: is("NOTE", "x"), Message: template("\x00\xff%s", "NOTE"), OnFailure: config.RejectFailure}}
		target.Mapped[4].Type.Size = 0
		_, got := stageAll(t, sync, target, "", &records{columns: bookingColumns, cells: [][]any{{"1", "South", "2", "Monday", "X1", "3", strings.Repeat("é", 5000)}}})
		_, message, _ := strings.Cut(got[0], "long: ")
		if n := len([]rune(message)); n > maxMessage || !strings.HasPrefix(message, "\uFFFD\uFFFDéé") || !strings.HasSuffix(message, "é…") {
			t.Errorf("message of %d characters: %q", n, message)
		}
	})
}

// Without its key a record cannot be told from one that is missing.
func TestMapperStopsWithoutKeys(t *testing.T) {
	sync, target := bookings()
	sync.Columns[2].Sensitive = true
	m, got := stageAll(t, sync, target, "", &records{columns: bookingColumns, cells: [][]any{
		{"12", nil, "7", "Monday", "X1", "3", "n"},
		{"12", "North", "seven", "Monday", "X1", "3", "n"},
		{"12", "North", "7", "SECRET-SECRET", "X1", "3", "n"},
		{"12", "North", "7", "Monday", "X1", "3", "n"},
	}})
	wantRows(t, got, "12|North|7|Monday|X1|3|n|-")
	text := fmt.Sprint(m.err())
	for _, want := range []string{
		`record 1 (null, "7", (sensitive)): room_id.site is part of the key and must not be NULL`,
		`record 2 ("North", "seven", (sensitive)): room_id.number "seven" does not fit bigint`,
		`record 3 ("North", "7", (sensitive)): day does not fit text: has 13 characters, 10 fit`,
		"3 records of 4 cannot be mapped",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the error lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "SECRET") {
		t.Errorf("a sensitive key is shown: %s", text)
	}
}

func TestMapperAsserts(t *testing.T) {
	failing := expr(func([]value.Value) (value.Value, error) { return value.Value{}, errors.New("not a number") })
	for name, test := range map[string]struct {
		assert  config.Assert
		skip    string
		warning string
		stop    string
	}{
		"obeyed":             {config.Assert{Condition: is("OWNER", "X1"), Message: template("no")}, "-", "-", ""},
		"reject":             {config.Assert{Condition: is("OWNER", "X2"), Message: template("owner is %s", "OWNER")}, "rule: owner is X1", "-", ""},
		"warn":               {config.Assert{Condition: is("OWNER", "X2"), Message: template("owner is %s", "OWNER"), OnFailure: config.WarnFailure}, "-", "rule: owner is X1", ""},
		"stop":               {config.Assert{Condition: is("OWNER", "X2"), Message: template("owner is %s", "OWNER"), OnFailure: config.StopFailure}, "-", "-", `record 1 ("North", "7", "Monday"): rule: owner is X1`},
		"NULL is false":      {config.Assert{Condition: is("NOTE", "x"), Message: template("no")}, "rule: no", "-", ""},
		"NULL in a message":  {config.Assert{Condition: isSet("NOTE"), Message: template("%s: %s", "OWNER", "NOTE")}, "rule: X1: null", "-", ""},
		"condition fails":    {config.Assert{Condition: failing, Message: template("no")}, "rule: cannot be evaluated: not a number", "-", ""},
		"message fails":      {config.Assert{Condition: isSet("NOTE"), Message: failing}, "rule", "-", ""},
		"sensitive":          {config.Assert{Condition: isSet("NOTE"), Message: template("SECRET"), Sensitive: true}, "rule", "-", ""},
		"sensitive, failing": {config.Assert{Condition: failing, Message: template("SECRET"), Sensitive: true, OnFailure: config.WarnFailure}, "-", "rule", ""},
		"sensitive stop":     {config.Assert{Condition: isSet("NOTE"), Message: template("SECRET"), Sensitive: true, OnFailure: config.StopFailure}, "-", "-", `record 1 ("North", "7", "Monday"): rule` + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			sync, target := bookings()
			target.Warns = true
			test.assert.Name = "rule"
			if test.assert.OnFailure == "" {
				test.assert.OnFailure = config.RejectFailure
			}
			sync.Asserts = []config.Assert{test.assert}
			m, got := stageAll(t, sync, target, "", &records{columns: bookingColumns, cells: [][]any{{"12", "North", "7", "Monday", "X1", "3", nil}}})
			row := "12|North|7|Monday|X1|3|-|"
			var rejected, warned int64
			if test.skip != "-" {
				row, rejected = "-|North|7|Monday|-|-|-|", 1
			}
			if test.warning != "-" {
				warned = 1
			}
			wantRows(t, got, row+test.skip+"|"+test.warning)
			if m.rejected != rejected || m.warned != warned {
				t.Errorf("rejected %d, warned %d, want %d and %d", m.rejected, m.warned, rejected, warned)
			}
			switch diags := m.err(); {
			case test.stop == "" && diags != nil:
				t.Errorf("stopped: %v", diags)
			case test.stop != "" && !strings.Contains(fmt.Sprint(diags), test.stop):
				t.Errorf("stopped by %v, want %q", diags, test.stop)
			}
		})
	}
	t.Run("several", func(t *testing.T) {
		sync, target := bookings()
		target.Warns = true
		sync.Asserts = []config.Assert{
			{Name: "w1", Condition: is("NOTE", "x"), Message: template("one"), OnFailure: config.WarnFailure},
			{Name: "w2", Condition: is("NOTE", "x"), Message: template("two"), OnFailure: config.WarnFailure},
			{Name: "r1", Condition: is("OWNER", "X1"), Message: template("three"), OnFailure: config.RejectFailure},
		}
		m, got := stageAll(t, sync, target, "", &records{columns: bookingColumns, cells: [][]any{
			{"1", "North", "7", "Monday", "X1", "3", "n"},
			{"a", "North", "7", "Friday", "X2", "3", "n"},
		}})
		// What is not written needs no warning.
		wantRows(t, got, "1|North|7|Monday|X1|3|n|-|w1: one; w2: two", `-|North|7|Friday|-|-|-|seats: "a" does not fit bigint: not a decimal number; r1: three|-`)
		if m.warned != 1 || m.rejected != 1 {
			t.Errorf("warned %d, rejected %d", m.warned, m.rejected)
		}
	})
	t.Run("many stops", func(t *testing.T) {
		sync, target := bookings()
		sync.Asserts = []config.Assert{{Name: "rule", Condition: is("NOTE", "x"), Message: template("no"), OnFailure: config.StopFailure, Range: config.Range{File: "assert.hcl"}}}
		rows := &records{columns: bookingColumns}
		for i := range 25 {
			rows.cells = append(rows.cells, []any{"1", "North", fmt.Sprint(i), "Monday", "X1", "3", "n"})
		}
		m, _ := stageAll(t, sync, target, "", rows)
		diags := m.err()
		if len(diags) != 1 || diags[0].Subject.File != "assert.hcl" || strings.Count(diags[0].Detail, "rule: no") != maxBadRecords || !strings.Contains(diags[0].Detail, "25 records of 25") {
			t.Errorf("stopped by %v", diags)
		}
	})
}

func TestMapperTasks(t *testing.T) {
	sync, target := bookings()
	target.ByTask = true
	sync.Asserts = []config.Assert{{Name: "rule", Condition: isSet("OWNER"), Message: template("no"), OnFailure: config.RejectFailure}}
	m, got := stageAll(t, sync, target, config.Insert, &records{columns: bookingColumns, cells: [][]any{{"12", "North", "7", "Monday", "X1", "3", "n"}}})
	wantRows(t, got, "12|North|7|Monday|X1|3|n|-|insert")
	// Another query, other columns: for a delete only the key's, in spite of what
	// other columns must not be.
	got = m.stageMore(t, config.Delete, &records{columns: []string{"DAY", "NUMBER", "SITE"}, cells: [][]any{{"Friday", "8", "South"}, {nil, "8", "South"}}})
	wantRows(t, got, "-|South|8|Friday|-|-|-|-|delete")
	if m.read != 3 || m.rejected != 0 || m.bad.count != 1 {
		t.Errorf("read %d, rejected %d, %d without a key", m.read, m.rejected, m.bad.count)
	}
}

func TestBindSource(t *testing.T) {
	sync, target := bookings()
	sync.Asserts = []config.Assert{{Name: "rule", Condition: isSet("MAIL"), Message: template("%s", "NAME")}}
	sync.Columns[1].Lookup.By[0].Expr = column("SIET")
	from := &result{what: "The source", names: bookingColumns, types: make([]value.Type, len(bookingColumns))}
	for i := range from.types {
		from.types[i].Kind = value.Text
	}
	from.types[5].Kind = value.Date // KIND, for a number
	_, diags := bindSource(sync, target, from, false)
	text := fmt.Sprint(diags)
	for _, want := range []string{`no column "MAIL"`, `no column "NAME"`, `no column "SIET". Did you mean "SITE"?`, `"owner_id.kind" of table "booking" of type bigint`} {
		if !strings.Contains(text, want) {
			t.Errorf("the diagnostics lack %q:\n%s", want, text)
		}
	}
	if len(diags) != 4 {
		t.Errorf("%d diagnostics, want 4", len(diags))
	}
	if _, diags = bindSource(sync, target, from, true); len(diags) != 1 || !strings.Contains(diags[0].Detail, "SIET") {
		t.Errorf("keys only: %v", diags)
	}
}
