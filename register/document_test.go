package register

import (
	"fmt"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/internal/sqlgen"
)

func TestParseDocument(t *testing.T) {
	got, err := ParseDocument(`{"b" : "it's \"é\"\n", "a\"b]c": null, "at": ` + sqlgen.NowMarker + `, "text": "{\"$\":\"now()\"}", "empty": ""}`)
	if err != nil {
		t.Fatal(err)
	}
	want := Document{
		{Column: "b", Text: "it's \"é\"\n"},
		{Column: `a"b]c`, Null: true},
		{Column: "at", Now: true},
		{Column: "text", Text: `{"$":"now()"}`},
		{Column: "empty"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{
		`{"a": "1", "b": "2", "a": "3"}`, `{"a": null, "\u0061": null}`, `{"a": {"$":"then()"}}`, `{"a": {}}`, manyMembers(maxCompared, "c0"),
		``, `[]`, `"a"`, `{"a": 1}`, `{"a": true}`, `{"a": []}`, `{"a": "b"`, `{"a": "b"} x`, `{"a"}`, `null`,
	} {
		if doc, err := ParseDocument(bad); err == nil {
			t.Errorf("ParseDocument(%s) = %v, want an error", bad, doc)
		}
	}
}

// manyMembers is a document of the members c0, c1, … and another one.
func manyMembers(n int, more string) string {
	var doc Document
	for i := range n {
		doc = append(doc, Field{Column: fmt.Sprint("c", i)})
	}
	return encodeDocument(append(doc, Field{Column: more}))
}

func TestParseManyMembers(t *testing.T) {
	if doc, err := ParseDocument(manyMembers(2*maxCompared, "more")); err != nil || len(doc) != 2*maxCompared+1 {
		t.Errorf("%d members, %v", len(doc), err)
	}
}

// TestEncodeDocument: a finding's document looks like those that the engines build.
func TestEncodeDocument(t *testing.T) {
	got := encodeDocument(Document{{Column: `a"b]c`, Text: "it's <\"é\">\n"}, {Column: "none", Null: true}, {Column: "at", Now: true}, {Column: ""}})
	if want := `{"a\"b]c": "it's <\"é\">\n", "none": null, "at": ` + sqlgen.NowMarker + `, "": ""}`; got != want {
		t.Errorf("%s, expected %s", got, want)
	}
	if got := encodeDocument(nil); got != "{}" {
		t.Errorf("no fields: %s", got)
	}
}

// FuzzParseDocument: what is read is written so that it reads the same.
func FuzzParseDocument(f *testing.F) {
	f.Add(`{"a": "b", "c": null, "d": {"$":"now()"}}`)
	f.Add(`{"a\"b\\c\u0000\u2028<&>": "it's \ud83d\ude42 \ud800 \n", "": ""}`)
	f.Add("{\"a\":\"x\ny\"}") // JSON has none of these
	f.Add("{\"\x1f\":\"\"}")  // within a string
	f.Add(" {\t\"a\" :\n\"\u00e9,{}\" ,\"b\": null} ")
	f.Fuzz(func(t *testing.T, text string) {
		// The two ways to read agree.
		slow, slowErr := decodeDocument(text)
		if slowErr == nil && slow.repeats() {
			slow, slowErr = nil, errTwice
		}
		doc, err := ParseDocument(text)
		if diff := cmp.Diff(slow, doc); diff != "" || (slowErr == nil) != (err == nil) {
			t.Fatalf("%q: %v, %v (-decoded +scanned):\n%s", text, slowErr, err, diff)
		}
		if err != nil {
			return
		}
		encoded := encodeDocument(doc)
		again, err := ParseDocument(encoded)
		if err != nil {
			t.Fatalf("%v: %s", err, encoded)
		}
		if diff := cmp.Diff(doc, again); diff != "" {
			t.Fatalf("%s (-first +again):\n%s", encoded, diff)
		}
	})
}

// FuzzEncodeDocument: what is written reads as it was.
func FuzzEncodeDocument(f *testing.F) {
	f.Add("a", "b", "c")
	f.Add("a\"b]c", `{"$":"now()"}`, "\x00\u2028</script>")
	f.Fuzz(func(t *testing.T, column, text, last string) {
		for _, s := range []string{column, text, last} {
			if !utf8.ValidString(s) {
				return
			}
		}
		doc := Document{{Column: column, Text: text}, {Column: text + "1", Null: true}, {Column: last + "2", Now: true}, {Column: column + "3", Text: last}}
		if doc.repeats() {
			return
		}
		got, err := ParseDocument(encodeDocument(doc))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(doc, got); diff != "" {
			t.Fatal(diff)
		}
	})
}
