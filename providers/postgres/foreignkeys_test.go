package postgres_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/internal/sqlgen"
)

func TestForeignKeys(t *testing.T) {
	f := newFixture(t,
		"CREATE SCHEMA other",
		"CREATE TABLE plain (a int, b int, PRIMARY KEY (b, a), c int UNIQUE)",
		// Without columns, the other table's primary key is meant.
		`CREATE TABLE other."a.b" (x int, "Y" int, FOREIGN KEY ("Y", x) REFERENCES plain, z int REFERENCES plain (c) ON DELETE SET DEFAULT)`,
		"CREATE TABLE late (x int REFERENCES plain (c) ON UPDATE SET NULL DEFERRABLE INITIALLY DEFERRED)",
		"CREATE TABLE same (x int REFERENCES plain (c))", "CREATE TABLE other.same (x int REFERENCES plain (c))",
		// Two constraints that say the same are one; one more that acts is not.
		"CREATE TABLE doubled (x int REFERENCES plain (c), FOREIGN KEY (x) REFERENCES plain (c) ON DELETE RESTRICT, FOREIGN KEY (x) REFERENCES plain (c) ON DELETE CASCADE)",
		// Both sides partitioned, one of them twice: a constraint of each pair of tables.
		"CREATE TABLE parted (a int PRIMARY KEY, up int REFERENCES parted) PARTITION BY LIST (a)",
		"CREATE TABLE parted1 PARTITION OF parted FOR VALUES IN (1) PARTITION BY LIST (a)",
		"CREATE TABLE parted11 PARTITION OF parted1 FOR VALUES IN (1)",
		"CREATE TABLE parted2 PARTITION OF parted FOR VALUES IN (2)",
		"CREATE TABLE to_whole (a int, b int REFERENCES parted) PARTITION BY LIST (a)",
		"CREATE TABLE to_whole1 PARTITION OF to_whole FOR VALUES IN (1)",
		"CREATE TABLE to_whole2 PARTITION OF to_whole FOR VALUES IN (2)",
		"CREATE TABLE to_part (a int REFERENCES parted11 ON DELETE CASCADE)",
		"CREATE TABLE lone (a int) PARTITION BY LIST (a)",
		"CREATE TABLE lone1 PARTITION OF lone (a REFERENCES parted2) FOR VALUES IN (1)",
		// DELETE FROM parent reaches the child's rows, by the columns that it has.
		"CREATE TABLE parent (a int)",
		"CREATE TABLE child (PRIMARY KEY (a), own int UNIQUE) INHERITS (parent)",
		"CREATE TABLE to_child (a int REFERENCES child, b int REFERENCES child (own))",
	)
	show := func(keys []sqlgen.ForeignKey) []string {
		var list []string
		for _, key := range keys {
			text := fmt.Sprintf("%s %s(%s) > %s(%s)", key.Shown, key.Table, strings.Join(key.Columns, ","), key.Parent, strings.Join(key.ParentColumns, ","))
			if key.Acts {
				text += " acts"
			}
			if key.ActsOnUpdate {
				text += " acts on update"
			}
			if key.Deferred {
				text += " deferred"
			}
			list = append(list, strings.ReplaceAll(text, `"public".`, ""))
		}
		return list
	}
	const (
		partedUp    = `parted "parted"(up) > "parted"(a)`
		wholeParted = `to_whole "to_whole"(b) > "parted"(a)`
	)
	for name, want := range map[string]struct{ keys, references []string }{
		"plain": {references: []string{
			`doubled "doubled"(x) > "plain"(c)`, `doubled "doubled"(x) > "plain"(c) acts`, `late "late"(x) > "plain"(c) acts on update deferred`, `same "same"(x) > "plain"(c)`,
			`other."a.b" "other"."a.b"(Y,x) > "plain"(b,a)`, `other."a.b" "other"."a.b"(z) > "plain"(c) acts`, `other.same "other"."same"(x) > "plain"(c)`,
		}},
		`other."a.b"`: {keys: []string{`other."a.b" "other"."a.b"(Y,x) > "plain"(b,a)`, `other."a.b" "other"."a.b"(z) > "plain"(c) acts`}},
		"parted":      {[]string{partedUp}, []string{`lone "lone"(a) > "parted"(a)`, partedUp, `to_part "to_part"(a) > "parted"(a) acts`, wholeParted}},
		// A part, where a configuration names it, stands for itself.
		"parted1": {
			[]string{`parted1 "parted1"(up) > "parted"(a)`},
			[]string{`parted "parted"(up) > "parted1"(a)`, `to_part "to_part"(a) > "parted1"(a) acts`, `to_whole "to_whole"(b) > "parted1"(a)`},
		},
		"to_whole":  {[]string{wholeParted}, nil},
		"to_whole1": {[]string{`to_whole1 "to_whole1"(b) > "parted"(a)`}, nil},
		"to_part":   {[]string{`to_part "to_part"(a) > "parted"(a) acts`}, nil},
		"lone":      {[]string{`lone "lone"(a) > "parted"(a)`}, nil},
		"parent":    {nil, []string{`to_child "to_child"(a) > "parent"(a)`}},
		"child":     {nil, []string{`to_child "to_child"(a) > "child"(a)`, `to_child "to_child"(b) > "child"(own)`}},
		"to_child":  {[]string{`to_child "to_child"(a) > "child"(a)`, `to_child "to_child"(b) > "child"(own)`}, nil},
	} {
		table := f.table(t, name)
		if diff := cmp.Diff(want.keys, show(table.ForeignKeys)); diff != "" {
			t.Errorf("keys of %s (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(want.references, show(table.References)); diff != "" {
			t.Errorf("references to %s (-want +got):\n%s", name, diff)
		}
	}
}
