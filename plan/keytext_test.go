package plan_test

import (
	"slices"
	"testing"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
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
