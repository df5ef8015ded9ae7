package sqlite_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/internal/sqlgen"
)

func TestForeignKeys(t *testing.T) {
	d, conn := destinationOn(t,
		`CREATE TABLE "Parent" (a TEXT, "B" TEXT, c TEXT UNIQUE, PRIMARY KEY ("B", a))`,
		// Names in any case, and the primary key where no columns are named.
		`CREATE TABLE child (x TEXT, Y TEXT, z TEXT, FOREIGN KEY (y, X) REFERENCES PARENT, FOREIGN KEY (z) REFERENCES parent (C) ON DELETE SET DEFAULT)`,
		`CREATE TABLE tree (id INTEGER PRIMARY KEY, up INTEGER REFERENCES TREE ON DELETE CASCADE)`,
		`CREATE TABLE "o""d d" (a INTEGER REFERENCES tree ON DELETE RESTRICT, b INTEGER REFERENCES tree ON UPDATE CASCADE)`,
		// What is not there is referred to by nobody.
		`CREATE TABLE lost (a TEXT REFERENCES nowhere, b TEXT REFERENCES parent (nowhere), c INTEGER REFERENCES tree ON DELETE SET NULL)`,
		`CREATE VIEW seen AS SELECT c FROM parent`, `CREATE TABLE to_view (c TEXT REFERENCES seen (c))`,
		`CREATE TABLE free (a TEXT)`,
		"CREATE TABLE late (a TEXT REFERENCES free (a) ON UPDATE SET NULL DEFERRABLE initially\n deferred)",
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
			list = append(list, strings.ReplaceAll(text, `"main".`, ""))
		}
		return list
	}
	child := []string{`child "child"(Y,x) > "Parent"(B,a)`, `child "child"(z) > "Parent"(c) acts`}
	odd := []string{`o"d d "o""d d"(a) > "tree"(id)`, `o"d d "o""d d"(b) > "tree"(id) acts on update`}
	const up, lost = `tree "tree"(up) > "tree"(id) acts`, `lost "lost"(c) > "tree"(id) acts`
	for name, want := range map[string]struct{ keys, references []string }{
		"parent":  {nil, child},
		"CHILD":   {child, nil},
		"tree":    {[]string{up}, []string{lost, odd[0], odd[1], up}},
		`o"d d`:   {odd, nil},
		"lost":    {[]string{lost}, nil},
		"to_view": {nil, nil},
		"free":    {nil, []string{`late "late"(a) > "free"(a) acts on update deferred`}},
	} {
		described := table(t, d, conn, name)
		if diff := cmp.Diff(want.keys, show(described.ForeignKeys)); diff != "" {
			t.Errorf("keys of %s (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(want.references, show(described.References)); diff != "" {
			t.Errorf("references to %s (-want +got):\n%s", name, diff)
		}
	}
}
