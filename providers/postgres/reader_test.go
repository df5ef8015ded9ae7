package postgres

import (
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
)

// TestStoppedReader: pgx may still read after a COPY has failed; next belongs to the
// caller again by then.
func TestStoppedReader(t *testing.T) {
	calls := 0
	r := &copyReader{row: make([]value.Value, 1), next: func(row []value.Value) error {
		calls++
		row[0] = value.OfText("ab")
		return nil
	}}
	p := make([]byte, 4)
	if n, err := r.Read(p); err != nil || string(p[:n]) != "ab\na" {
		t.Fatalf("read %q, %v", p[:n], err)
	}
	before := calls
	if err := r.stop(); err != nil {
		t.Error(err)
	}
	if _, err := r.Read(p); !errors.Is(err, errStopped) || calls != before {
		t.Errorf("%v after %d more calls", err, calls-before)
	}
}

func TestReaderEnds(t *testing.T) {
	r := &copyReader{next: func([]value.Value) error { return io.EOF }}
	for range 2 {
		if n, err := r.Read(make([]byte, 4)); n != 0 || !errors.Is(err, io.EOF) {
			t.Errorf("%d, %v", n, err)
		}
	}
	if err := r.stop(); err != nil {
		t.Errorf("the end is no error: %v", err)
	}
	// Only io.EOF itself is the end.
	cut := errors.Join(io.EOF, errors.New("connection lost"))
	r = &copyReader{next: func([]value.Value) error { return cut }}
	for range 2 {
		if _, err := r.Read(make([]byte, 4)); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("a lost connection is an end: %v", err)
		}
	}
	if err := r.stop(); err != cut { //nolint:errorlint // as it is
		t.Errorf("stopped by %v", err)
	}
}

// TestCopyPlace reads the context in the languages that the server speaks.
func TestCopyPlace(t *testing.T) {
	columns := []sqlgen.Column{{Name: "a"}, {Name: "a b"}, {Name: "é"}}
	type place struct {
		Record int64
		Column string
	}
	for where, want := range map[string]place{
		`COPY s, line 3, column a b: "x"`:                   {3, "a b"},
		`COPY s, line 3, column a, null input`:              {3, "a"},
		`COPY s, ligne 12, colonne é : « x »`:               {12, "é"},
		`COPY s, Zeile 7, Spalte a: »x«`:                    {7, "a"},
		`COPY s, line 5`:                                    {5, ""},
		`COPY s, line 5: "x"`:                               {5, ""},
		"JSON data, line 1: x\nCOPY s, line 2, column a: x": {2, "a"},
		"":              {},
		"something":     {},
		"COPY s, x":     {},
		"COPY s, line ": {},
	} {
		var got place
		got.Record, got.Column = copyPlace(where, columns)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", where, diff)
		}
	}
}

// TestBinaryTypes: stages of these are loaded in binary format, stages with one of the others
// are not.
func TestBinaryTypes(t *testing.T) {
	for spelt, kind := range map[string]value.Kind{
		"boolean": value.Bool, "integer": value.Int, "numeric(10,2)": value.Decimal, "real": value.Float, "text": value.Text, "character varying(5)": value.Text,
		"character(5)": value.Text, "bpchar": value.Text, "public.citext": value.Text, "jsonb": value.JSON, "json": value.JSON, "bytea": value.Bytes, "uuid": value.UUID,
		"date": value.Date, "time without time zone": value.Time, "timestamp without time zone": value.DateTime, "timestamp with time zone": value.Instant,
	} {
		columns := []sqlgen.Column{{Name: "a", Type: value.Type{Kind: kind, SQL: spelt}}}
		if encodersOf(columns) == nil {
			t.Errorf("%s is loaded as text", spelt)
		}
		for other, otherKind := range map[string]value.Kind{"name": value.Text, "email": value.Text, "interval": value.Other, "doc": value.JSON} {
			if encodersOf(append(columns, sqlgen.Column{Name: "b", Type: value.Type{Kind: otherKind, SQL: other}})) != nil {
				t.Errorf("%s beside %s is loaded in binary format", spelt, other)
			}
		}
	}
}
