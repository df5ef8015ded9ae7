package sqlgen

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// Engines that differ in all that a Lexis says. Whether engines read texts as
// theirs does is tested with the providers.
var (
	sqliteLike   = Lexis{Backticks: true, Brackets: true}
	postgresLike = Lexis{NestedComments: true, DollarQuotes: true, EscapeStrings: true, Casts: true, Operators: true}
	mysqlLike    = Lexis{Backticks: true, Backslashes: true, HashComments: true, SpacedDashes: true, ExecutableComments: true}
)

// TestCheckSelectBackslashes is about the engines that differ from the standard in what a string, and
// what a comment is.
func TestCheckSelectBackslashes(t *testing.T) {
	const writes = "more than one statement"
	for query, want := range map[string]string{ // part of the error, "" for none
		`SELECT 'it\'s ; DELETE' FROM t`:           "",
		`SELECT 'a\\'; DELETE FROM a; -- '`:        writes,
		`SELECT 'a''\'; DELETE FROM a; -- '`:       "",
		`SELECT "it\"s ; DELETE" FROM t`:           "",
		"SELECT `a\\`; DELETE FROM a; -- `":        writes,
		"SELECT `a``;` FROM t":                     "",
		`SELECT 'a\'`:                              "not closed",
		`SELECT "a\"`:                              "not closed",
		"SELECT 1 # '; DELETE":                     "",
		"SELECT 1 # a\n; DELETE FROM a":            writes,
		"SELECT 1 # a\r; DELETE FROM a":            "carriage return",
		"SELECT 1 -- ; DELETE":                     "",
		"SELECT 1 --\n":                            "",
		"SELECT 1 --":                              "",
		"SELECT 1 --1":                             "two minuses",
		"SELECT 1 --; DELETE FROM a":               "two minuses",
		"SELECT 1 /* /* */":                        "",
		"SELECT 1 /*/ ; DELETE */":                 "",
		"SELECT 1 /*!50000 INTO OUTFILE 'x' */":    "would run",
		"SELECT 1 /*M!100100 INTO OUTFILE 'x' */":  "would run",
		"SELECT 1 /*!*/":                           "would run",
		"SELECT 1 /* !50000 a */ /*+ b */ /*m!c*/": "",
		"SELECT '/*!'":                             "",
		"SELECT @a := 1":                           "holds a @",
		"SELECT ?":                                 "holds a ?",
		"SELECT j->'$.a', j->>'$.b', \\N, 1 <=> 2": "",
	} {
		switch err := CheckSelect(query, mysqlLike); {
		case want == "" && err != nil:
			t.Errorf("CheckSelect(%q) = %v, want none", query, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("CheckSelect(%q) = %v, want %q", query, err, want)
		}
	}
}

func TestWords(t *testing.T) {
	for query, want := range map[string]string{
		"SELECT a.b, sleep (1) FROM `t` AS `sleep` -- for share": "SELECT A B SLEEP() FROM AS",
		"select `Sleep`/**/(:p), 'get_lock', 1 for share":        "SELECT SLEEP() FOR SHARE",
		"SELECT `x`, é ( /* x(*/ 1e5, \"f\"\n(1))":               "SELECT é() F()",
		"SELECT 'a' `b`(1) IN (2) FROM t WHERE `c`":              "SELECT B() IN() FROM T WHERE",
		"SELECT 'open": "SELECT error",
	} {
		words, err := Words(query, mysqlLike)
		var got []string
		for _, w := range words {
			if w.Called {
				w.Text += "()"
			}
			got = append(got, w.Text)
		}
		if err != nil {
			got = append(got, "error")
		}
		if strings.Join(got, " ") != want {
			t.Errorf("Words(%q) = %q, want %q", query, got, want)
		}
	}
}

func TestCheckSelect(t *testing.T) {
	const writes = "more than one statement"
	tests := []struct {
		query            string
		sqlite, postgres string // part of the error, "" for none
	}{
		{"SELECT 1", "", ""},
		{"select a from b;", "", ""},
		{"  -- a comment\n/* another */ WITH x AS (SELECT 1) SELECT * FROM x", "", ""},
		{"(SELECT 1) UNION (SELECT 2)", "", ""},
		{"SELECT 'DELETE; DROP' AS \"update\" FROM t", "", ""},
		{"SELECT 1; ; -- the end", "", ""},
		{"SELECT é, a$b, a.b1 FROM t WHERE x <> 1.5e-3 AND y = .5 OR z IN (0x1F, 1E5)", "", ""},
		{"SELECT j -> 'a' ->> 'b' FROM t -- it's", "", ""},
		{"", "empty", "empty"},
		{" -- nothing\n", "empty", "empty"},
		{"DELETE FROM t", "begins with DELETE", "begins with DELETE"},
		{"= 1", `begins with "="`, `begins with "="`},
		{"'a' SELECT", `begins with "'a'"`, `begins with "'a'"`},
		{"; SELECT 1", `begins with ";"`, `begins with ";"`},
		{"ſelect 1", "begins with", "begins with"},
		{"VACUUM INTO 'x.db'", "begins with VACUUM", "begins with VACUUM"},
		{"ATTACH 'x.db' AS x", "begins with ATTACH", "begins with ATTACH"},
		{"PRAGMA query_only = 0", "begins with PRAGMA", "begins with PRAGMA"},
		{"SELECT 1 UNION PRAGMA query_only", "PRAGMA", "PRAGMA"},
		{"SELECT 1; SELECT 2", writes, writes},
		{"WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x", "DELETE", "DELETE"},
		{"SELECT * INTO other FROM t", "INTO", "INTO"},
		{"SELECT 'open", "not closed", "not closed"},
		{"SELECT \"open", "not closed", "not closed"},
		{"SELECT 1 /* open", "not closed", "not closed"},
		{"SELECT 1 /*/", "not closed", "not closed"},

		{"SELECT 1 /* /* */ */", "", ""},
		{"SELECT 1 /* /* */", "", "not closed"},
		{"SELECT x FROM a /* /* */; COMMIT; DELETE FROM a -- */ */", writes, ""},

		{"SELECT `;`", "", "holds a `"},
		{"SELECT 1 AS `a'b`, 'c`d'", "", "holds a `"},
		{"SELECT 1 AS [;]", "", writes},
		{"SELECT 1 AS ['] ; DELETE FROM a --']", writes, ""},
		{"SELECT 1 AS [a]]; DELETE FROM a --]", writes, writes},
		{"SELECT a[1:2], a[1: :n]", "", ""},
		{"SELECT [open", "not closed", ""},

		{"SELECT $$ ; DELETE $$", "holds a $", ""},
		{"SELECT $tag$ ; $$ DELETE $tag$", "holds a $", ""},
		{"SELECT $é$ ; $e$ DELETE $é$", "holds a $", ""},
		{"SELECT $t1$ ; $t$ DELETE $t1$", "holds a $", ""},
		{"SELECT $1a$ ; $1a$", "holds a $", "holds a $"},
		{"SELECT $$ open", "holds a $", "not closed"},
		{"SELECT $a(');') ; DELETE FROM a --'", "holds a $", "holds a $"},
		{"SELECT a$$ ; DELETE FROM a -- $$", writes, writes},
		{"SELECT $1", "holds a $", "holds a $"},

		{"SELECT E'it\\'s ; DELETE' FROM t", writes, ""},
		{"SELECT E'a''\\'; DELETE FROM a; --'", writes, ""},
		{"SELECT E'a\\\\'; DELETE FROM a; --'", writes, writes},
		{"SELECT 'a\\'; DELETE FROM a; --'", writes, writes},
		{"SELECT xE'a\\'; DELETE FROM a; --'", writes, writes},
		{"SELECT E'a' -- b\n  'c\\'; DELETE FROM a; --'", writes, "a string follows"},
		{"SELECT E'a\\'", "", "not closed"},
		{"SELECT 1E'a\\'; DELETE FROM a; --'", "runs into", "runs into"},
		{"SELECT 1.E'a\\'; DELETE FROM a; --'", "runs into", "runs into"},
		{"SELECT 1DELETE", "runs into", "runs into"},

		{"SELECT a::text", "holds a :", ""},
		{"SELECT :1", "holds a :", ""},
		{"SELECT a ? 'b', a @> b, a #> c", "holds a ?", ""},
		{"SELECT @a", "holds a @", ""},
		{"SELECT ?1", "holds a ?", ""},
		{"SELECT a[lo:hi]", "", "follows without a blank"},
		{"SELECT a:b", "follows without a blank", "follows without a blank"},
		{"SELECT 1:b", "follows without a blank", "follows without a blank"},
		{"SELECT :a:b", "follows without a blank", "follows without a blank"},

		{"SELECT 1 -- a\r; DELETE FROM a", "carriage return", "carriage return"},
		{"SELECT 1 -- a\r\n", "", ""},
		{"SELECT 1\x00; DELETE FROM a", "NUL", "NUL"},
		{"SELECT '\x00'", "NUL", "NUL"},
		{"SELECT '\xff'", "UTF-8", "UTF-8"},
		{"SELECT\v1", "U+000B", "U+000B"},
		{"\ufeffSELECT 1", "U+FEFF", "U+FEFF"},
		{"SELECT 1;\u00a0", "U+00A0", "U+00A0"},
		{"SELECT '\ufeff\u00a0\v' -- \u00a0", "", ""},
	}
	for _, test := range tests {
		for name, want := range map[string]string{"sqlite": test.sqlite, "postgres": test.postgres} {
			err := CheckSelect(test.query, map[string]Lexis{"sqlite": sqliteLike, "postgres": postgresLike}[name])
			switch {
			case want == "" && err != nil:
				t.Errorf("%s: CheckSelect(%q) = %v, want none", name, test.query, err)
			case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
				t.Errorf("%s: CheckSelect(%q) = %v, want %q", name, test.query, err, want)
			}
		}
	}
}

func TestCheckHook(t *testing.T) {
	const writes = "more than one statement"
	tests := []struct {
		statement        string
		sqlite, postgres string // part of the error, "" for none
	}{
		{"INSERT INTO log (what) VALUES ('BEGIN; COMMIT')", "", ""},
		{"insert or replace into log select 1;", "", ""},
		{"UPDATE slot SET start = 1, \"end\" = CASE WHEN start > 2 THEN 3 ELSE 4 END WHERE t.release = 5", "", ""},
		{"DELETE FROM slot; ; -- the end", "", ""},
		{"MERGE INTO a USING b ON a.x = b.x WHEN NOT MATCHED THEN INSERT VALUES (1)", "", ""},
		{"-- refresh\nSELECT refresh()", "", ""},
		{"CALL refresh(1)", "", ""},
		{"WITH x AS (SELECT 1) INSERT INTO a SELECT * FROM x", "", ""},
		{"UPDATE a SET \"commit\" = 1", "", ""},
		{"UPDATE a SET b = j -> 'c' ->> 'd'", "", ""},
		{"UPDATE a SET b = $$ ; COMMIT $$", "holds a $", ""},
		{"UPDATE a SET [commit] = 1", "", "COMMIT"},
		{"", "empty", "empty"},
		{" -- nothing\n", "empty", "empty"},
		{"UPDATE a SET b = 1; COMMIT", writes, writes},
		{"UPDATE a SET b = 1 COMMIT", "COMMIT", "COMMIT"},
		{"INSERT OR ROLLBACK INTO a VALUES (1)", "ROLLBACK", "ROLLBACK"},
		{"SELECT * INTO other FROM a", "INTO", "INTO"},
		{"WITH x AS (SELECT 1) SELECT * INTO other FROM x", "INTO", "INTO"},
		{"UPDATE a SET b = :c", "parameter", "parameter"},
		{"UPDATE a SET b = 1 /* /* */ */; COMMIT -- */", "more than one", writes},
		{"UPDATE a SET b = 1 /* /* */; COMMIT -- */ */", writes, ""},
		{"(SELECT 1)", `begins with "("`, `begins with "("`},
		{"; SELECT 1", `begins with ";"`, `begins with ";"`},
		{"SELECT 1 UNION PRAGMA query_only", "PRAGMA", "PRAGMA"},
		{"SELECT 'open", "not closed", "not closed"},
	}
	for _, word := range []string{
		"BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "START", "ABORT", "END", "ATTACH", "DETACH", "PRAGMA", "VACUUM",
		"SET", "RESET", "DROP", "ALTER", "CREATE", "TRUNCATE", "GRANT", "REVOKE", "DO", "EXECUTE", "PREPARE", "COPY", "LOCK", "EXPLAIN", "REPLACE",
	} {
		tests = append(tests, struct{ statement, sqlite, postgres string }{strings.ToLower(word) + " x", "begins with " + word, "begins with " + word})
	}
	for _, test := range tests {
		for name, want := range map[string]string{"sqlite": test.sqlite, "postgres": test.postgres} {
			err := CheckHook(test.statement, map[string]Lexis{"sqlite": sqliteLike, "postgres": postgresLike}[name])
			switch {
			case want == "" && err != nil:
				t.Errorf("%s: CheckHook(%q) = %v, want none", name, test.statement, err)
			case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
				t.Errorf("%s: CheckHook(%q) = %v, want %q", name, test.statement, err, want)
			}
		}
	}
}

func TestBindNamed(t *testing.T) {
	tests := []struct {
		lexis       Lexis
		query, want string
		names       []string
	}{
		{sqliteLike, "SELECT a FROM t WHERE b = :b AND c = :c AND d = :b;", "SELECT a FROM t WHERE b = $1 AND c = $2 AND d = $3", []string{"b", "c", "b"}},
		{sqliteLike, "SELECT ':no', \":no\", `:no`, [:no] FROM t", "SELECT ':no', \":no\", `:no`, [:no] FROM t", nil},
		{postgresLike, "SELECT a::text, $$:no$$ FROM t WHERE x=:yes::int", "SELECT a::text, $$:no$$ FROM t WHERE x=$1::int", []string{"yes"}},
		{postgresLike, "SELECT a[1:2], '12:30' FROM t", "SELECT a[1:2], '12:30' FROM t", nil},
		{postgresLike, "SELECT 'it''s :no', E'it\\'s :no', :é_1", "SELECT 'it''s :no', E'it\\'s :no', $1", []string{"é_1"}},
		// Comments are blanks, as many as there were characters; lines stay lines.
		{postgresLike, "SELECT 1/*é\n:no*/+ -- :no\n :a", "SELECT 1   \n     +       \n $1", []string{"a"}},
		{mysqlLike, "SELECT 1 # :no\n+/*é\n:no*/'\\':no' -- :no\n + :a", "SELECT 1      \n+   \n     '\\':no'       \n + ?", []string{"a"}},
		{postgresLike, "SELECT a/* /* */; */b", "SELECT a            b", nil},
		{sqliteLike, "SELECT a/* /* ; */b", "SELECT a          b", nil},
		{sqliteLike, "SELECT 1 -;- ", "", nil},
		{sqliteLike, "SELECT 1 -; -- the end", "SELECT 1 -", nil},
		{sqliteLike, "DELETE FROM t", "", nil},
	}
	for _, test := range tests {
		got, names, err := BindNamed(test.query, test.lexis, func(n int, _ string) string {
			if test.lexis == mysqlLike {
				return "?"
			}
			return fmt.Sprintf("$%d", n)
		})
		if (err == nil) != (test.want != "") {
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

// FuzzScan: cutting a text into tokens loses nothing and never panics, whatever the
// lexis; what is bound is one SELECT without comments, of the same length.
func FuzzScan(f *testing.F) {
	for _, seed := range []string{
		"SELECT :a, 'b', \"c\" -- d\n /* e */ $f$ g $f$ E'\\''", ":é", "$1", "'", "SELECT `a`, [b], $é$ ; $é$, 1e5, 0x1F, 1.:a -- b",
		"SELECT 1 /* /* */ -- */ */", "SELECT 1 AS ['] ; DELETE FROM a --']", "SELECT E'a''\\'; DELETE FROM a; --'",
		"SELECT 'a\\'b' # c\n, `d`(1) -- e\n /*! f */", "SELECT 1 --1",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		for name, lexis := range map[string]Lexis{"none": {}, "sqlite": sqliteLike, "postgres": postgresLike, "mysql": mysqlLike} {
			var out strings.Builder
			err := scan(query, lexis, func(token string, kind tokenKind) error {
				out.WriteString(token)
				if kind != symbol && token == ";" {
					t.Errorf("%s: scan(%q) takes a semicolon for %d", name, query, kind)
				}
				return nil
			})
			if err == nil && out.String() != query {
				t.Errorf("%s: scan(%q) yields %q", name, query, out.String())
			}
			bound, _, err := BindNamed(query, lexis, func(_ int, name string) string { return strings.Repeat(")", 1+utf8.RuneCountInString(name)) })
			if (err == nil) != (CheckSelect(query, lexis) == nil) {
				t.Errorf("%s: BindNamed(%q): %v, and CheckSelect disagrees", name, query, err)
			}
			if err != nil {
				continue
			}
			err = scan(bound, lexis, func(token string, kind tokenKind) error {
				if kind == comment || kind == parameter || token == ";" {
					return fmt.Errorf("it holds %q", token)
				}
				return nil
			})
			if err != nil || CheckSelect(bound, lexis) != nil {
				t.Errorf("%s: BindNamed(%q) = %q, which is not one SELECT without comments: %v", name, query, bound, err)
			}
			if end := utf8.RuneCountInString(bound); end > utf8.RuneCountInString(query) {
				t.Errorf("%s: BindNamed(%q) = %q, which is longer", name, query, bound)
			}
		}
	})
}
