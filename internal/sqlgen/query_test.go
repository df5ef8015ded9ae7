package sqlgen

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCheckSelect(t *testing.T) {
	tests := []struct {
		query string
		want  string // part of the error, "" for none
	}{
		{"SELECT 1", ""},
		{"select a from b;", ""},
		{"  -- a comment\n/* another /* nested */ */ WITH x AS (SELECT 1) SELECT * FROM x", ""},
		{"(SELECT 1) UNION (SELECT 2)", ""},
		{"SELECT 'DELETE; DROP' AS \"update\" FROM t", ""},
		{"SELECT $$ ; DELETE $$", ""},
		{"SELECT $tag$ ; $$ DELETE $tag$", ""},
		{"SELECT E'it\\'s ; DELETE' FROM t", ""},
		{"SELECT 1; ;", ""},
		{"", "empty"},
		{" -- nothing\n", "empty"},
		{"DELETE FROM t", "begins with DELETE"},
		{"= 1", `begins with "="`},
		{"SELECT 1; SELECT 2", "more than one statement"},
		{"WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x", "DELETE"},
		{"SELECT * INTO other FROM t", "INTO"},
		{"SELECT 'open", "not closed"},
		{"SELECT \"open", "not closed"},
		{"SELECT 1 /* open", "not closed"},
		{"SELECT $$ open", "not closed"},
	}
	for _, test := range tests {
		err := CheckSelect(test.query)
		switch {
		case test.want == "" && err != nil:
			t.Errorf("CheckSelect(%q) = %v, want none", test.query, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("CheckSelect(%q) = %v, want %q", test.query, err, test.want)
		}
	}
}

func TestBindNamed(t *testing.T) {
	tests := []struct {
		query, want string
		names       []string
	}{
		{"SELECT a FROM t WHERE b = :b AND c = :c AND d = :b;", "SELECT a FROM t WHERE b = $1 AND c = $2 AND d = $3", []string{"b", "c", "b"}},
		{"SELECT a::text, ':no', \":no\", `:no` -- :no\n/* :no */ FROM t WHERE x=:yes::int", "SELECT a::text, ':no', \":no\", `:no` -- :no\n/* :no */ FROM t WHERE x=$1::int", []string{"yes"}},
		{"SELECT a[1:2], '12:30' FROM t", "SELECT a[1:2], '12:30' FROM t", nil},
		{"SELECT 'it''s :no', :é_1", "SELECT 'it''s :no', $1", []string{"é_1"}},
	}
	for _, test := range tests {
		got, names, err := BindNamed(test.query, func(n int, _ string) string { return fmt.Sprintf("$%d", n) })
		if err != nil {
			t.Errorf("BindNamed(%q): %v", test.query, err)
		}
		if got != test.want {
			t.Errorf("BindNamed(%q)\n got %q\nwant %q", test.query, got, test.want)
		}
		if diff := cmp.Diff(test.names, names); diff != "" {
			t.Errorf("BindNamed(%q) names: %s", test.query, diff)
		}
	}
}

// FuzzScan: cutting a text into tokens loses nothing and never panics.
func FuzzScan(f *testing.F) {
	for _, seed := range []string{"SELECT :a, 'b', \"c\" -- d\n /* e */ $f$ g $f$ E'\\''", ":é", "$1", "'"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		var out strings.Builder
		err := scan(query, func(token string, _ tokenKind) error {
			out.WriteString(token)
			return nil
		})
		if err == nil && out.String() != query {
			t.Errorf("scan(%q) yields %q", query, out.String())
		}
		_ = CheckSelect(query)
	})
}
