package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

func TestParseKey(t *testing.T) {
	t.Parallel()
	one, two := []string{"code"}, []string{"course", "student"}
	for _, test := range []struct {
		columns []string
		text    string
		want    []string // nil: an error
	}{
		{one, "AN-10A", []string{"AN-10A"}},
		{one, "code=AN-10A", []string{"AN-10A"}},
		{one, "a,b", []string{"a,b"}},
		{one, "x=1", []string{"x=1"}},
		{two, "AN-10A,22003136", []string{"AN-10A", "22003136"}},
		{two, `"AN,10A",22003136`, []string{"AN,10A", "22003136"}},
		{two, "student=22003136,course=AN-10A", []string{"AN-10A", "22003136"}},
		// One text that looks like a name does not make the other one's place another.
		{two, "course=1,2", []string{"course=1", "2"}},
		{two, "course=1,course=2", []string{"course=1", "course=2"}},
		{two, "AN-10A", nil},
		{two, `"AN-10A,1`, nil},
	} {
		s := &config.Sync{Address: "sync.a", Destination: config.SyncDestination{Key: test.columns}}
		doc, err := plan.ParseKey(s, test.text)
		if test.want == nil {
			if err == nil {
				t.Errorf("%q of %v: %v, want an error", test.text, test.columns, doc)
			}
			continue
		}
		var got, names []string
		for _, f := range doc {
			got, names = append(got, f.Text), append(names, f.Column)
		}
		if err != nil || !slices.Equal(got, test.want) || !slices.Equal(names, test.columns) {
			t.Errorf("%q of %v: %v %v (%v), want %v", test.text, test.columns, names, got, err, test.want)
		}
	}
}

// A part that names what is no part of the key is not taken for a value.
func TestParseKeyOfOtherColumns(t *testing.T) {
	t.Parallel()
	student := config.Column{Name: "student_id", Lookup: &config.Lookup{Table: "student", By: []config.LookupKey{{Column: "code", Expr: config.Expr{Refs: []config.ColumnRef{{Name: "STUDENT"}}}}}}}
	one := &config.Sync{Address: "sync.rooms", Destination: config.SyncDestination{Key: []string{"code"}}, Columns: []config.Column{{Name: "code"}, {Name: "name"}}}
	two := &config.Sync{Address: "sync.enrolments", Destination: config.SyncDestination{Key: []string{"course", "student_id"}}, Columns: []config.Column{{Name: "course"}, student, {Name: "note"}}}
	const names, ids = "course=VALUE,student_id.code=VALUE", "course=VALUE,student_id=VALUE"
	for _, test := range []struct {
		parse func(*config.Sync, string) (register.Document, error)
		sync  *config.Sync
		text  string
		want  string // in the error; "": none
	}{
		{plan.ParseRowKey, one, "name=Two", "code=VALUE"},
		{plan.ParseRowKey, one, "colour=red", ""},
		{plan.ParseRowKey, one, "code=a=b", ""},
		{plan.ParseRowKey, two, "course=A,student_id=7", names},
		{plan.ParseRowKey, two, "A,student_id=7", names},
		{plan.ParseRowKey, two, "course=A,studnt=7", names},
		{plan.ParseRowKey, two, "A,studnt=7", ""},
		{plan.ParseRowKey, two, "A1=,B2=", ""},
		{plan.ParseRowKey, two, "course=A,student_id.code=x=y", ""},
		{plan.ParseKey, two, "course=A,student_id.code=S1", ids},
		{plan.ParseKey, two, "course=A,student_id=7", ""},
		{plan.ParseKey, two, "note=A,student_id=7", ids},
	} {
		_, err := test.parse(test.sync, test.text)
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: %v", test.text, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: %v, want %q in it", test.text, err, test.want)
		}
	}
}
