package csv_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/registrar-sync/registrar/providers"
)

func encode(t *testing.T, e encoding.Encoding, text string) string {
	t.Helper()
	out, err := e.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEncodings(t *testing.T) {
	const table = "name,\"coût\"\nÉlodie,\"œuvre\n5 €\"\n"
	want := [][]string{{"'Élodie'", "'œuvre\n5 €'"}}
	le, be := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	// Above the first plane a character is two units; here they straddle buffers.
	astral := "name,coût\n" + strings.Repeat("é𝄞", 70_000) + ",\ufffd\n"
	for name, test := range map[string]struct {
		encoding, file string
		want           [][]string
	}{
		"utf-8":               {"utf-8", table, want},
		"utf-8, any case":     {"UTF8", table, want},
		"utf-8 with mark":     {"utf-8", "\ufeff" + table, want},
		"iso-8859-15":         {"iso-8859-15", encode(t, charmap.ISO8859_15, table), want},
		"windows-1252":        {"windows-1252", encode(t, charmap.Windows1252, table), want},
		"iso-8859-1":          {"iso-8859-1", "name,co\xfbt\n\xc9lodie,\n", [][]string{{"'Élodie'", "NULL"}}},
		"utf-16le":            {"utf-16le", encode(t, le, table), want},
		"utf-16le with mark":  {"utf-16le", "\xff\xfe" + encode(t, le, table), want},
		"utf-16be":            {"utf-16be", encode(t, be, table), want},
		"utf-16, marked le":   {"utf-16", "\xff\xfe" + encode(t, le, table), want},
		"utf-16, marked be":   {"utf-16", "\xfe\xff" + encode(t, be, table), want},
		"utf-16, second pair": {"utf-16le", encode(t, le, astral), [][]string{{"'" + strings.Repeat("é𝄞", 70_000) + "'", "'\ufffd'"}}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := write(t, map[string]string{"data/x.csv": test.file})
			columns, got, err := all(t.Context(), t, open(t, dir, providers.Attributes{"encoding": test.encoding}), "x")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"name", "coût"}, columns); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUndecodable(t *testing.T) {
	le := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	for name, test := range map[string]struct{ encoding, file, want string }{
		"latin 1 as utf-8":          {"utf-8", "c,d\n1,\xe9t\xe9\n", `data/x.csv:2: column "d": it holds bytes that are not utf-8`},
		"surrogate in utf-8":        {"utf-8", "c,d\n1,\xed\xa0\x80\n", `data/x.csv:2: column "d": it holds bytes`},
		"0x81 in windows-1252":      {"windows-1252", "c,d\n\xe9,1\n\x81,2\n", `data/x.csv:3: column "c": it holds the byte 0x81, which windows-1252 does not have`},
		"lone surrogate":            {"utf-16le", encode(t, le, "c,d\n1,x") + "\x00\xd8" + encode(t, le, "y\n"), `data/x.csv:2: column "d": it holds bytes that are not utf-16le`},
		"low surrogate":             {"utf-16le", encode(t, le, "c,d\n1,") + "\x00\xdc", `data/x.csv:2: column "d": it holds bytes that are not utf-16le`},
		"half a unit":               {"utf-16le", encode(t, le, "c,d\n1,2") + "\x33", `data/x.csv:2: column "d": it holds bytes that are not utf-16le`},
		"half a pair":               {"utf-16le", encode(t, le, "c,d\n1,2") + "\x34\xd8\x1e", `data/x.csv:2: column "d": it holds bytes that are not utf-16le`},
		"utf-16 as utf-8":           {"utf-8", encode(t, le, "c,d\n1,2"), `data/x.csv:1: field 1: it contains a NUL`},
		"mark of utf-8":             {"windows-1252", "\ufeffc,d\n", "data/x.csv: it begins with the byte order mark of utf-8, but its encoding is declared as windows-1252"},
		"mark of utf-8, not 16":     {"utf-16", "\ufeffc,d\n", "byte order mark of utf-8, but its encoding is declared as utf-16"},
		"mark of utf-16le":          {"utf-8", "\xff\xfec\x00", "byte order mark of utf-16le, but its encoding is declared as utf-8"},
		"mark of utf-16be":          {"utf-16le", "\xfe\xff\x00c", "byte order mark of utf-16be, but its encoding is declared as utf-16le"},
		"mark of utf-32":            {"utf-16", "\xff\xfe\x00\x00c\x00\x00\x00", "byte order mark of utf-32le"},
		"utf-16 without a mark":     {"utf-16", encode(t, le, "c,d\n"), `it has no byte order mark: declare its encoding as "utf-16le" or "utf-16be"`},
		"utf-16 without a byte":     {"utf-16", "", "data/x.csv is empty"},
		"undecodable in the header": {"windows-1252", "c,\"x\n\x8d\"\n", `data/x.csv:1: field 2: it holds the byte 0x8D`},
	} {
		t.Run(name, func(t *testing.T) {
			dir := write(t, map[string]string{"data/x.csv": test.file})
			_, _, err := all(t.Context(), t, open(t, dir, providers.Attributes{"encoding": test.encoding}), "x")
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}
