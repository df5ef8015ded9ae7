package register

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/internal/sqlgen"
)

func TestParseDocument(t *testing.T) {
	got, err := parseDocument(`{"b" : "it's \"é\"\n", "a\"b]c": null, "at": ` + sqlgen.NowMarker + `, "text": "{\"$\":\"now()\"}", "empty": ""}`)
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
	for _, bad := range []string{``, `[]`, `"a"`, `{"a": 1}`, `{"a": true}`, `{"a": []}`, `{"a": "b"`, `{"a": "b"} x`, `{"a"}`, `null`} {
		if doc, err := parseDocument(bad); err == nil {
			t.Errorf("parseDocument(%s) = %v, want an error", bad, doc)
		}
	}
}

func FuzzParseDocument(f *testing.F) {
	f.Add(`{"a": "b", "c": null, "d": {"$":"now()"}}`)
	f.Fuzz(func(_ *testing.T, text string) { _, _ = parseDocument(text) })
}
