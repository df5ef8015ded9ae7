package scaffold_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// docs/scaffold.md shows what is written, but for the lines that say where from.
func TestDocumentedScaffold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("main.hcl", `source "csv" "apogee" {
  directory = "data"
  delimiter = ";"
}

destination "sqlite" "timetable" {
  path = "timetable.db"
}
`)
	w.write("data/rooms.csv", "COD_SAL;LIB_SAL;TEM_VISIBLE;DAT_OUVERTURE;COD_BAT\nA1;Amphi A;O;01/09/2020;N\nB2;Salle 2;N;31/12/2021;S\n")
	w.exec(w.database("timetable.db"), `CREATE TABLE building (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE);
		CREATE TABLE room (id INTEGER PRIMARY KEY, origin TEXT NOT NULL, code TEXT NOT NULL, name TEXT, visible BOOLEAN NOT NULL, opened DATE, building_id INTEGER REFERENCES building (id),
			created_on TIMESTAMP NOT NULL, updated_on TIMESTAMP, deleted_on TIMESTAMP, UNIQUE (origin, code))`)
	page, err := os.ReadFile(filepath.Join("..", "docs", "scaffold.md"))
	w.must(err)
	_, shown, _ := strings.Cut(string(page), "What is written looks like this:\n\n```hcl\n")
	shown, _, _ = strings.Cut(shown, "```")
	_, command, _ := strings.Cut(string(page), "$ registrar scaffold ")
	command, _, _ = strings.Cut(command, "\n")
	out, _ := w.run(0, append([]string{"scaffold"}, strings.Fields(command)...)...)
	if first, _, _ := strings.Cut(out, "\n"); !strings.Contains(string(page), command+"\n"+first+"\n") {
		t.Errorf("docs/scaffold.md does not say: %s", first)
	}
	_, written, _ := strings.Cut(w.read("rooms.hcl"), "\n\n")
	if diff := cmp.Diff(shown, written); diff != "" {
		t.Errorf("docs/scaffold.md (-shown +written):\n%s", diff)
	}
}
