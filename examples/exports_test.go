package examples_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
)

func TestExports(t *testing.T) {
	t.Parallel()
	w := onSQLite(t, "exports", "out/registrar.db")
	w.run(map[string]counts{"sync.rooms": {"insert": 2, "update": 1, "delete": 1}})
	text, err := charmap.Windows1252.NewDecoder().String(readFile(t, filepath.Join(w.dir, "out/rooms.csv")))
	w.must(err)
	want := []string{
		"code;name;building;seats;opened_on;origin",
		"007;Salle des actes;L;28;02/09/2019;PLANNING",
		"ACC-1;Accueil;L;;;RECEPTION",
		"L-101;Salle 101;L;48;03/09/2012;PLANNING",
		"L-102;Salle 102 (visioconférence);L;24;;PLANNING",
		"M-020;Salle des thèses;M;60;01/09/2026;PLANNING",
		"M-021;Amphithéâtre « Sorel »;M;220;06/09/1999;PLANNING",
		"",
	}
	if diff := cmp.Diff(want, strings.Split(text, "\r\n")); diff != "" {
		t.Errorf("out/rooms.csv (-want +got):\n%s", diff)
	}
}
