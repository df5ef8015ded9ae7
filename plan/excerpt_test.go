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
	got := Mask(operation, Masking{Sensitive: []string{"name", "mail"}})
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
		for _, c := range Mask(&test.operation, Masking{}).Columns {
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

// A looked-up column is one cell with its business keys, wherever the register puts those.
func TestMaskLookups(t *testing.T) {
	operation := &register.Operation{
		Sync: "sync.enrolments", Operation: config.Update,
		Key: register.Document{
			{Column: "course_id.code", Text: "IN-1"},
			{Column: "course_id", Null: true},
			{Column: "student_id", Text: "7"},
			{Column: "student_id.number", Text: "MARKER"},
		},
		Before: register.Document{
			{Column: "same_id", Text: "1"},
			{Column: "same_id.code", Text: "S"},
			{Column: "moved_id", Text: "3"},
			{Column: "moved_id.code", Text: "HIST"},
			{Column: "moved_id.site", Text: "N"},
			{Column: "none_id", Text: "4"},
			{Column: "none_id.code", Text: "X"},
			{Column: "leader_id", Text: "5"},
			{Column: "leader_id.number", Text: "MARKER"},
			{Column: "v1.2", Text: "a dot that is no lookup"},
		},
		After: register.Document{
			{Column: "same_id", Text: "1"},
			{Column: "same_id.code", Text: "S"},
			{Column: "moved_id", Null: true},
			{Column: "moved_id.code", Text: "INFO"},
			{Column: "moved_id.site", Null: true},
			{Column: "none_id", Null: true},
			{Column: "none_id.code", Null: true},
			{Column: "leader_id", Null: true},
			{Column: "leader_id.number", Text: "MARKER2"},
			{Column: "v1.2", Text: "another"},
		},
	}
	got := Mask(operation, Masking{Sensitive: []string{"student_id", "leader_id"}})
	want := Change{
		Sync: "sync.enrolments", Operation: config.Update,
		Key: []Cell{{Column: "course_id", Unknown: true, Keys: []Cell{{Column: "code", Text: "IN-1"}}}, {Column: "student_id", Sensitive: true}},
		Columns: []ColumnChange{
			{Column: "same_id", Before: &Cell{Text: "1", Keys: []Cell{{Column: "code", Text: "S"}}}, After: &Cell{Text: "1", Keys: []Cell{{Column: "code", Text: "S"}}}},
			{
				Column: "moved_id", Changed: true, Before: &Cell{Text: "3", Keys: []Cell{{Column: "code", Text: "HIST"}, {Column: "site", Text: "N"}}},
				After: &Cell{Unknown: true, Keys: []Cell{{Column: "code", Text: "INFO"}, {Column: "site", Null: true}}},
			},
			{
				Column: "none_id", Changed: true, Before: &Cell{Text: "4", Keys: []Cell{{Column: "code", Text: "X"}}},
				After: &Cell{Null: true, Keys: []Cell{{Column: "code", Null: true}}},
			},
			{Column: "leader_id", Changed: true, Before: &Cell{Sensitive: true}, After: &Cell{Sensitive: true}},
			{Column: "v1.2", Changed: true, Before: &Cell{Text: "a dot that is no lookup"}, After: &Cell{Text: "another"}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A business key alone may be sensitive, and what begins like a sensitive column's name is none.
func TestMaskByPrefix(t *testing.T) {
	for name, masks := range map[string]bool{"mail": true, "mail.domain": true, "mailing": false, "e.mail": false} {
		if got := masked(name, []string{"mail"}); got != masks {
			t.Errorf("masked(%q) = %v", name, got)
		}
	}
	got := cells(register.Document{{Column: "a_id", Text: "1"}, {Column: "a_id.code", Text: "x"}, {Column: "a_id.mail", Text: "MARKER"}}, Masking{Sensitive: []string{"a_id.mail"}})
	want := []Cell{{Column: "a_id", Text: "1", Keys: []Cell{{Column: "code", Text: "x"}, {Column: "mail", Sensitive: true}}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// What is masked of a key has a name, that of a lookup made of those of its business keys; nothing else has.
func TestMaskPseudonyms(t *testing.T) {
	masking := Masking{Sensitive: []string{"a_id", "b_id.mail", "c", "note"}, Pseudonym: func(text string) string { return "<" + text + ">" }}
	operation := &register.Operation{
		Operation: config.Rename,
		Key: register.Document{
			{Column: "a_id", Null: true},
			{Column: "a_id.site", Text: "N"},
			{Column: "a_id.mail", Text: "x@example.org"},
			{Column: "b_id", Text: "1"},
			{Column: "b_id.mail", Text: "x@example.org"},
			{Column: "c", Text: "old"},
		},
		Before: register.Document{{Column: "note", Text: "MARKER"}},
		After:  register.Document{{Column: "c", Text: "new"}, {Column: "note", Text: "MARKER"}, {Column: "other", Text: "shown"}},
	}
	got := Mask(operation, masking)
	wantKey := []Cell{
		{Column: "a_id", Sensitive: true, Pseudonym: "<N>-<x@example.org>"},
		{Column: "b_id", Text: "1", Keys: []Cell{{Column: "mail", Sensitive: true, Pseudonym: "<x@example.org>"}}},
		{Column: "c", Sensitive: true, Pseudonym: "<old>"},
	}
	if diff := cmp.Diff(wantKey, got.Key); diff != "" {
		t.Errorf("key (-want +got)\n%s", diff)
	}
	for _, c := range got.Columns {
		switch c.Column {
		case "c": // of a rename both
			if c.Before.Pseudonym != "<old>" || c.After.Pseudonym != "<new>" {
				t.Errorf("the key changes from %+v to %+v", c.Before, c.After)
			}
		case "note":
			if c.Before.Pseudonym != "" || c.After.Pseudonym != "" {
				t.Errorf("what is no key has a name: %+v, %+v", c.Before, c.After)
			}
		}
	}
	finding := MaskFinding(&register.Finding{Kind: register.Ignored, Key: operation.Key, Detail: register.Document{{Column: "note", Text: "MARKER"}}}, masking)
	if diff := cmp.Diff(wantKey, finding.Key); diff != "" {
		t.Errorf("key of a finding (-want +got)\n%s", diff)
	}
	if hidden := got.Key[2].Hidden(); hidden != "(sensitive <old>)" {
		t.Errorf("it is shown as %s", hidden)
	}
	if hidden := (Cell{Sensitive: true}).Hidden(); hidden != "(sensitive)" {
		t.Errorf("without a name it is shown as %s", hidden)
	}
}

// Where before does not repeat the key, a rename takes it from the key.
func TestMaskRename(t *testing.T) {
	operation := &register.Operation{
		Operation: config.Rename, Key: register.Document{{Column: "code", Text: "A"}},
		After: register.Document{{Column: "code", Text: "B"}, {Column: "updated_on", Now: true}},
	}
	want := []ColumnChange{
		{Column: "code", Before: &Cell{Text: "A"}, After: &Cell{Text: "B"}, Changed: true},
		{Column: "updated_on", Before: &Cell{Null: true}, After: &Cell{Now: true}, Changed: true},
	}
	for _, before := range []register.Document{
		{{Column: "updated_on", Null: true}},
		{{Column: "code", Text: "A"}, {Column: "updated_on", Null: true}},
	} {
		operation.Before = before
		if diff := cmp.Diff(want, Mask(operation, Masking{}).Columns); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}

func TestMaskFinding(t *testing.T) {
	key := register.Document{{Column: "code", Text: "K"}}
	for name, test := range map[string]struct {
		finding   register.Finding
		sensitive []string
		want      Notice
	}{
		"rejected": {
			register.Finding{Kind: register.Rejected, Key: key, Message: "m"},
			nil,
			Notice{Kind: register.Rejected, Key: []Cell{{Column: "code", Text: "K"}}, Message: "m"},
		},
		"protected": {
			register.Finding{Kind: register.Protected, Key: key, Detail: register.Document{{Column: "operation", Text: "update"}}},
			nil,
			Notice{Kind: register.Protected, Key: []Cell{{Column: "code", Text: "K"}}, Operation: config.Update},
		},
		"check": {
			register.Finding{Sync: "check.x", Kind: register.Checked, Message: "m", Detail: register.Document{{Column: "severity", Text: "error"}, {Column: "code", Text: "w9"}, {Column: "more", Null: true}}},
			nil,
			Notice{Sync: "check.x", Kind: register.Checked, Key: []Cell{}, Message: "m", Severity: config.CheckError, Code: "w9", Detail: "more = null"},
		},
		// Of an ignored key the detail is another row's scope.
		"ignored": {
			register.Finding{Kind: register.Ignored, Key: key, Detail: register.Document{{Column: "operation", Text: "x"}, {Column: "origin", Text: "MARKER"}}},
			[]string{"code", "origin"},
			Notice{Kind: register.Ignored, Key: []Cell{{Column: "code", Sensitive: true}}, Detail: `operation = "x", origin = (sensitive)`},
		},
		"likely rename": {
			register.Finding{Kind: register.Renamed, Key: key, Message: "moved {}"},
			nil,
			Notice{Kind: register.Renamed, Key: []Cell{{Column: "code", Text: "K"}}, Message: "moved {}"},
		},
		"likely rename of a sensitive key": {
			register.Finding{Kind: register.Renamed, Key: register.Document{{Column: "a_id", Text: "1"}, {Column: "a_id.mail", Text: "MARKER"}}, Message: "moved { MARKER }"},
			[]string{"a_id.mail"},
			Notice{Kind: register.Renamed, Key: []Cell{{Column: "a_id", Text: "1", Keys: []Cell{{Column: "mail", Sensitive: true}}}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, MaskFinding(&test.finding, Masking{Sensitive: test.sensitive})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// A plan file stays small whatever messages and business keys hold; a moved block stays whole.
func TestShorten(t *testing.T) {
	long := strings.Repeat("é", 600)
	cut := strings.Repeat("é", maxText)
	n := Notice{Kind: register.Rejected, Message: long, Detail: long, Key: []Cell{{Text: long}}}.shorten()
	if n.Message != cut+"…" || n.Detail != cut+"…" || n.Key[0].Text != cut || n.Key[0].Length != 600 {
		t.Errorf("not cut: %+v", n)
	}
	if n := (Notice{Kind: register.Renamed, Message: long}).shorten(); n.Message != long {
		t.Error("the moved block is cut")
	}
	c := shorten(Change{Columns: []ColumnChange{{After: &Cell{Keys: []Cell{{Text: long}}}}}})
	if key := c.Columns[0].After.Keys[0]; key.Text != cut || key.Length != 600 {
		t.Errorf("a business key is not cut: %+v", key)
	}
}
