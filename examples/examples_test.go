package examples_test

import (
	"io/fs"
	"path"
	"slices"
	"testing"

	"github.com/registrar-sync/registrar/examples"
	"github.com/registrar-sync/registrar/hcl"
	"github.com/registrar-sync/registrar/plan"
)

func TestQuickstart(t *testing.T) {
	t.Parallel()
	w := onSQLite(t, "quickstart", "timetable.db")
	first := w.run(map[string]counts{
		`sync.rooms["hss"]`:   {"insert": 2, "update": 1, "archive": 1, "undelete": 1, "ignored": 1},
		`sync.rooms["sci"]`:   {"insert": 1, "update": 1},
		`sync.staff["hss"]`:   {"insert": 1, "update": 2},
		`sync.staff["sci"]`:   {"update": 1, "archive": 1},
		`sync.courses["hss"]`: {"insert": 2, "update": 1},
		`sync.courses["sci"]`: {"insert": 1},
	})
	var notices []string
	for _, d := range first.Destinations {
		for _, n := range d.Notices {
			notices = append(notices, n.Sync+" "+n.Key[0].Text+" "+n.Detail)
		}
	}
	if want := []string{`sync.rooms["hss"] M-100 origin = "MANUAL"`}; !slices.Equal(notices, want) {
		t.Errorf("notices = %q, want %q", notices, want)
	}

	// Archived, undeleted, updated, inserted, not ours.
	w.want(`SELECT code, name, building, seats, area, accessible, visible, origin, updated_on IS NULL, deleted_on IS NULL FROM room
		WHERE code IN ('L-101', 'L-105', 'L-110', 'M-020', 'M-100') ORDER BY code`,
		"L-101|Salle 101|Bâtiment des Lettres|48|71.2|1|1|APOGEE-12|0|1",
		"L-105|Salle 105|Bâtiment des Lettres|24|33|0|1|APOGEE-12|1|0",
		"L-110|Salle informatique 110|Bâtiment des Lettres|24|62.3|1|1|APOGEE-12|0|1",
		"M-020|Salle des thèses|Maison de la recherche|60|88.9|1|1|APOGEE-12|1|1",
		"M-100|Salle du conseil (réserver au secrétariat)|Maison de la recherche|28|∅|1|1|MANUAL|1|1",
	)
	w.want(`SELECT number, last_name, first_name, CAST(birth_date AS TEXT), email, quota FROM staff WHERE number IN ('H1005', 'H1007', 'H1012', 'S2006') ORDER BY number`,
		"H1005|GUÉRIN-VASSEUR|Chloé|1988-09-30|chloe.guerin@univ-exemple.fr|80",
		"H1007|MÜLLER|Jürgen|1963-12-21|jurgen.muller@univ-exemple.fr|50.5",
		"H1012|ROBICHON|Maëlle|1994-10-16|h1012@univ-exemple.fr|100",
		"S2006|FAUCHER|Benoît|1978-05-15|benoit.faucher@univ-exemple.fr|100",
	)
	// What owners have opened stays open; what is new is hidden.
	w.want(`SELECT code, hours, CAST(starts_on AS TEXT), visible FROM course WHERE code IN ('GE210', 'SO115', 'BI150') ORDER BY code`,
		"BI150|20.5|2026-09-24|0",
		"GE210|36|2026-09-17|1",
		"SO115|21|∅|0",
	)
}

// The names and addresses of people are in no output of a plan.
func TestQuickstartMasks(t *testing.T) {
	t.Parallel()
	w := onSQLite(t, "quickstart", "timetable.db")
	cfg := w.load()
	w.init(cfg)
	p := w.plan(cfg)
	shown := 0
	for _, change := range p.Destinations[0].Excerpt {
		for _, c := range change.Columns {
			if change.Sync != `sync.staff["hss"]` && change.Sync != `sync.staff["sci"]` {
				continue
			}
			secret := slices.Contains([]string{"last_name", "first_name", "birth_date", "email"}, c.Column)
			for _, cell := range []*string{text(c.Before), text(c.After)} {
				if cell == nil {
					continue
				}
				if shown++; secret && *cell != "" {
					t.Errorf("%s: column %s shows a value", change.Sync, c.Column)
				}
			}
		}
	}
	if shown == 0 {
		t.Error("no change of a person was shown")
	}
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	w := onPostgres(t)
	w.run(map[string]counts{
		`sync.buildings`:       {"insert": 1, "update": 1, "delete": 1},
		`sync.students["hss"]`: {"insert": 1, "update": 1, "archive": 1},
		`sync.students["sci"]`: {"insert": 1, "update": 1, "undelete": 1},
	})
	w.want(`SELECT site, code, name, opened::text, surface FROM timetable.building ORDER BY site, code`,
		"C1|L|Bâtiment des Lettres|01/10/1957|12450.00",
		"C1|M|Maison de la recherche|06/09/1999|5210.75",
		"C2|P|Plateforme expérimentale|05/01/2026|3300.40",
		"C2|S|Bâtiment des Sciences|01/10/1963|18900.00",
	)
	w.want(`SELECT code, last_name, email, fees, group_code, origin, updated_on IS NOT NULL, deleted_on IS NOT NULL FROM timetable.student ORDER BY code`,
		"22100001|AUBERT|lucie.aubert@etu.univ-exemple.fr|175.00|HI1-A|APOGEE-12|false|false",
		"22100002|BAKKALI|nadia.bakkali@etu.univ-exemple.fr|175.00|HI1-B|APOGEE-12|false|false",
		"22100003|COËFFIC|∅|0.00|HI1-B|APOGEE-12|true|false",
		"22100004|DESCHAMPS|hugo.deschamps@etu.univ-exemple.fr|175.00|HI1-A|APOGEE-12|false|true",
		"22100005|ESTÈVE|manon.esteve@etu.univ-exemple.fr|175.00|GE1-A|APOGEE-12|false|false",
		"22200001|FONTAINE|leo.fontaine@etu.univ-exemple.fr|175.00|MA1-A|APOGEE-25|false|false",
		"22200002|GARNIER|ines.garnier@etu.univ-exemple.fr|170.50|MA1-B|APOGEE-25|true|false",
		"22200003|HOARAU|mathis.hoarau@etu.univ-exemple.fr|∅|∅|APOGEE-25|true|false",
		"22200004|IVANOVA|daria.ivanova@etu.univ-exemple.fr|175.00|PY1-A|APOGEE-25|false|false",
		"22200009|INVITÉ|∅|∅|∅|MANUAL|false|false",
	)
}

// Every file is as registrar fmt would leave it, and every example has what the
// package says it has.
func TestFiles(t *testing.T) {
	t.Parallel()
	entries, err := fs.ReadDir(examples.FS, ".")
	if err != nil {
		t.Fatal(err)
	}
	var folders []string
	for _, entry := range entries {
		folders = append(folders, entry.Name())
	}
	names := examples.Names()
	slices.Sort(names)
	if !slices.Equal(names, folders) {
		t.Errorf("Names() = %q, the folders are %q", names, folders)
	}
	formatted := 0
	err = fs.WalkDir(examples.FS, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".hcl" {
			return err
		}
		src, err := fs.ReadFile(examples.FS, name)
		if err != nil {
			return err
		}
		out, diags := hcl.Format(src, name)
		if diags.HasErrors() || string(out) != string(src) {
			t.Errorf("%s is not formatted: %v", name, diags.Err())
		}
		formatted++
		return nil
	})
	if err != nil || formatted == 0 {
		t.Errorf("%d files were looked at: %v", formatted, err)
	}
	for _, name := range names {
		for _, file := range []string{"main.hcl", "setup.sql", "README.md"} {
			if _, err := fs.Stat(examples.FS, path.Join(name, file)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// text is a cell's text, nil for no cell.
func text(c *plan.Cell) *string {
	if c == nil {
		return nil
	}
	return &c.Text
}
