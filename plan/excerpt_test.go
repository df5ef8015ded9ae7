package plan

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/register"
)

func TestMask(t *testing.T) {
	operation := &register.Operation{
		Sync: "sync.staff", Operation: config.Update,
		Key:    register.Document{{Column: "code", Text: "H1"}, {Column: "mail", Text: "MARKER"}},
		Before: register.Document{{Column: "name", Text: "MARKER"}, {Column: "mail", Text: "MARKER"}, {Column: "seats", Text: "1"}, {Column: "updated_on", Null: true}},
		After:  register.Document{{Column: "name", Text: "MARKER2"}, {Column: "mail", Text: "MARKER"}, {Column: "seats", Text: "2"}, {Column: "updated_on", Now: true}},
	}
	got := Mask(operation, []string{"name", "mail"})
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "MARKER") {
		t.Errorf("a sensitive value is in %s", text)
	}
	// A masked change still shows that there is one.
	changed := map[string]bool{}
	for _, c := range got.Columns {
		changed[c.Column] = c.Changed
	}
	if diff := cmp.Diff(map[string]bool{"name": true, "mail": false, "seats": true, "updated_on": true}, changed); diff != "" {
		t.Errorf("changed columns: %s", diff)
	}
}

// Of an insert there is no before, of a delete no after; what an archive does not
// write stays.
func TestMaskKinds(t *testing.T) {
	row := register.Document{{Column: "code", Text: "H1"}, {Column: "deleted_on", Null: true}}
	for _, test := range []struct {
		operation     register.Operation
		before, after int // columns that have one
		changed       int
	}{
		{register.Operation{Operation: config.Insert, After: row}, 0, 2, 2},
		{register.Operation{Operation: config.Delete, Before: row}, 2, 0, 2},
		{register.Operation{Operation: config.Archive, Before: row, After: register.Document{{Column: "deleted_on", Now: true}}}, 2, 2, 1},
	} {
		var before, after, changed int
		for _, c := range Mask(&test.operation, nil).Columns {
			if c.Before != nil {
				before++
			}
			if c.After != nil {
				after++
			}
			if c.Changed {
				changed++
			}
		}
		if before != test.before || after != test.after || changed != test.changed {
			t.Errorf("%s: before %d, after %d, changed %d; want %d, %d, %d", test.operation.Operation, before, after, changed, test.before, test.after, test.changed)
		}
	}
}
