package sqlite

import (
	"math"
	"math/big"
	"path/filepath"
	"strconv"
	"strings"
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

// TestRound holds round to what big.Rat makes of the text that a number shows.
func TestRound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var stored any
		var text string
		if rapid.Bool().Draw(t, "whole") {
			n := rapid.Int64().Draw(t, "n")
			stored, text = n, strconv.FormatInt(n, 10)
		} else {
			f := float64(rapid.Int64Range(-1e15, 1e15).Draw(t, "digits")) / math.Pow10(rapid.IntRange(0, 18).Draw(t, "scale"))
			stored, text = f, strconv.FormatFloat(f, 'f', -1, 64)
		}
		digits := rapid.IntRange(0, 20).Draw(t, "digits")
		rat, ok := new(big.Rat).SetString(text)
		if !ok {
			t.Fatal(text)
		}
		want := strings.TrimPrefix(rat.FloatString(digits), "-") // halves away from zero
		if rat.Sign() < 0 && strings.Trim(want, "0.") != "" {
			want = "-" + want
		}
		if got := round(stored, int64(digits)); got != want {
			t.Fatalf("%s to %d digits: %v, want %s", text, digits, got, want)
		}
		if got := round(text, int64(digits)); got != want {
			t.Fatalf("the text %s to %d digits: %v, want %s", text, digits, got, want)
		}
	})
	for _, stored := range []any{nil, "", "abc", "ABC", "12a", " 1", "1 ", "0x10", "1_0", "NaN", "Infinity", "-Infinity", "1e999999999"} {
		if got := round(stored, 2); got != stored {
			t.Errorf("%#v became %#v", stored, got)
		}
	}
	for stored, want := range map[float64]string{math.Inf(1): "Infinity", math.Inf(-1): "-Infinity", math.Copysign(0, -1): "0.00", 1e20: "100000000000000000000.00", 5e-324: "0.00"} {
		if got := round(stored, 2); got != want {
			t.Errorf("%v became %v, want %s", stored, got, want)
		}
	}
	if got := round([]byte("1.5"), 0); string(got.([]byte)) != "1.5" {
		t.Errorf("octets became %v", got)
	}
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
