package sqlite

import (
	"math"
	"path/filepath"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/registrar-sync/registrar/internal/value"
)

// TestReadOnlyTwice: the file stays as it is even where a query could undo the
// first of the two precautions.
func TestReadOnlyTwice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	writer, err := open(t.Context(), path, settings{mode: "rwc"})
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	if _, err := writer.ExecContext(t.Context(), "CREATE TABLE room (code TEXT)"); err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]settings{"mode": {mode: "ro"}, "query_only": {mode: "rw", queryOnly: true}} {
		db, err := open(t.Context(), path, s)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), "INSERT INTO room VALUES ('x')"); err == nil {
			t.Errorf("%s alone lets a source write", name)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestSourceIsOpenedReadOnlyTwice(t *testing.T) {
	p := New()
	attributes := map[string]any{"path": "a.db", "create": true}
	dir := t.TempDir()
	d, err := p.OpenDestination(t.Context(), attributes, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	opened, err := p.OpenSource(t.Context(), attributes, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	db := opened.(*source).db
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(t.Context(), "PRAGMA user_version = 7"); err == nil {
		t.Error("query_only is off")
	}
	if _, err := conn.ExecContext(t.Context(), "PRAGMA query_only = 0"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(t.Context(), "CREATE TABLE x (a)"); err == nil {
		t.Error("the file is not opened read-only")
	}
}

// TestNumbers: what the canonical text of a number spells is that number again.
func TestNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.Float64().Draw(t, "f")
		if got, ok := parseFloat(formatFloat(f)); !ok || got != f && !(math.IsNaN(f) && math.IsNaN(got)) {
			t.Fatalf("%v became %v", f, got)
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		// Any decimal of 15 digits, of any scale.
		digits := strconv.FormatInt(rapid.Int64Range(1, 999_999_999_999_999).Draw(t, "digits"), 10)
		exponent := rapid.IntRange(-40, 40).Draw(t, "exponent")
		d, err := value.ParseDecimal(digits + "e" + strconv.Itoa(exponent))
		if err != nil {
			t.Fatal(err)
		}
		fitted, err := typeOf("NUMERIC").Fit(d, nil)
		if err != nil {
			t.Fatal(err)
		}
		var got string
		switch n := bind(fitted).(type) {
		case int64:
			got = strconv.FormatInt(n, 10)
		case float64:
			got = formatDecimal(n, 0)
		default:
			t.Fatalf("%s is bound as a %T", fitted.Text(), n)
		}
		want, err := value.ParseDecimal(got)
		if err != nil {
			t.Fatal(err)
		}
		if trimZeros(want.Text()) != trimZeros(fitted.Text()) {
			t.Fatalf("%s became %s", fitted.Text(), got)
		}
	})
}

func trimZeros(text string) string {
	for i := range len(text) {
		if text[i] != '.' {
			continue
		}
		end := len(text)
		for text[end-1] == '0' {
			end--
		}
		if text[end-1] == '.' {
			end--
		}
		return text[:end]
	}
	return text
}
