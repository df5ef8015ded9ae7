package suggest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSimilar(t *testing.T) {
	tests := []struct {
		name       string
		candidates []string
		want       []string
	}{
		{"nmae", []string{"name", "seats", "game"}, []string{"name"}},
		{"Room", []string{"rooms", "room", "broom"}, []string{"room", "broom", "rooms"}},
		{"a", []string{"A", "b"}, []string{"A"}},
		{"x", []string{"y"}, nil},
		{"csv", []string{"sqlite", "postgres"}, nil},
		{"same", []string{"same"}, nil},
		{"étudiant", []string{"etudiant"}, []string{"etudiant"}},
		{"any", nil, nil},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, Similar(test.name, test.candidates)); diff != "" {
			t.Errorf("Similar(%q, %q): %s", test.name, test.candidates, diff)
		}
	}
}

func TestQuestion(t *testing.T) {
	if got := Question("roms", []string{"rooms"}); got != ` Did you mean "rooms"?` {
		t.Errorf("Question = %q", got)
	}
	if got := Question("far", []string{"elsewhere"}); got != "" {
		t.Errorf("Question = %q, want none", got)
	}
}

func TestList(t *testing.T) {
	if got := List([]string{"a", "b", "c"}, 2); got != `"a", "b" and 1 more` {
		t.Errorf("List = %q", got)
	}
	if got := List([]string{"a"}, 2); got != `"a"` {
		t.Errorf("List = %q", got)
	}
}
