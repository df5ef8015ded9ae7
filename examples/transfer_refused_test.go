package examples_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers/bundle"
	"github.com/registrar-sync/registrar/transfer"
)

// state is all that a transfer could write at a server, but for plans.
func (s *server) state() []string {
	s.Helper()
	var all []string
	for _, table := range []string{"department", "staff", "student", s.registered("execution"), s.registered("pause")} {
		all = append(all, table, s.rows("SELECT count(*) FROM " + table)[0])
	}
	return append(all, slices.Concat(s.dump("12"), s.dump("HUM"), s.dump("25"))...)
}

// refused runs what must fail with all these words, and leave both servers as they were.
func (c *campus) refused(what string, do func() error, words ...string) {
	c.Helper()
	origin, target := c.origin.state(), c.target.state()
	c.says(what, do(), words...)
	if diff := cmp.Diff(slices.Concat(origin, target), slices.Concat(c.origin.state(), c.target.state())); diff != "" {
		c.Errorf("%s left something behind:\n%s", what, diff)
	}
}

// says looks for words in an error.
func (c *campus) says(what string, err error, words ...string) {
	c.Helper()
	if err == nil {
		c.Errorf("%s is not refused", what)
		return
	}
	said := err.Error()
	if diags, ok := errors.AsType[*config.DiagnosticsError](err); ok {
		for _, d := range diags.Diagnostics {
			said += "\n" + d.Subject.String() + ": " + d.Detail
		}
	}
	for _, word := range words {
		if !strings.Contains(said, word) {
			c.Errorf("%s: the error does not say %q:\n%s", what, word, said)
		}
	}
}

// planImport plans an import at the target.
func (c *campus) planImport(manifest string, faculties ...string) error {
	c.Helper()
	m, err := c.target.openImport(manifest, faculties...)
	if err == nil {
		_, err = m.Plan(c.Context(), c.target.planOptions())
	}
	return err
}

func (c *campus) write(path, text string) {
	c.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		c.Fatal(err)
	}
}

func TestTransferImportRefused(t *testing.T) {
	t.Parallel()
	c := onCampus(t, false)
	c.live()
	manifest := c.export(c.origin, "both", "hss", "sci")
	planned := func(faculties ...string) func() error {
		return func() error { return c.planImport(manifest, faculties...) }
	}
	c.refused("a faculty that is not declared", planned(), `no faculty with the code "12"`, "both.csv:2")
	c.become(manifest, "12", "25")
	c.refused("two faculties that become one", planned(), "Id_Import")
	c.become(manifest, "12", "HUM")
	c.refused("a faculty that the bundle lacks", planned("13"), `no faculty whose Id_Export is "13"`, "12")

	zip := strings.TrimSuffix(manifest, ".csv") + ".zip"
	whole := readFile(t, zip)
	c.write(zip, whole[:len(whole)/2]+string(whole[len(whole)/2]^1)+whole[len(whole)/2+1:])
	c.refused("a bundle with one byte changed", func() error {
		_, err := c.target.openImport(manifest)
		if _, ok := errors.AsType[*bundle.FormatError](err); !ok {
			t.Errorf("%v is no *bundle.FormatError", err)
		}
		return err
	})
	c.write(zip, whole)

	c.target.exec("INSERT INTO department (code, name, faculty, created_on, deleted_on) VALUES ('OLD', 'Long gone', 'HUM', '2020-01-01 00:00:00', '2021-01-01 00:00:00')")
	c.refused("a scope that holds an archived row", planned(), `1 rows of table "department"`, `sync.departments["humanities"]`)
	c.target.exec("DELETE FROM department")
	c.target.exec("INSERT INTO department (code, name, faculty, created_on) VALUES ('HI', 'Typed by hand', 'MANUAL', '2020-01-01 00:00:00')")
	c.refused("a key that another origin holds", planned(), `1 keys are held by rows of another origin in table "department"`)
	c.target.exec("DELETE FROM department")

	syncs := readFile(t, filepath.Join(c.target.dir, "syncs.hcl"))
	c.target.edit(t, "syncs.hcl", `sync "students"`, `sync "pupils"`)
	c.target.edit(t, "syncs.hcl", `key   = ["code"]`, `key   = ["id"]`)
	c.target.edit(t, "syncs.hcl", "    code = row.code\n", "    id   = to_number(row.code)\n    code = row.code\n")
	c.target.edit(t, "syncs.hcl", `department_id = lookup("department", "id", { code = row.department })`, `department_id = to_number(row.department)`)
	c.target.edit(t, "syncs.hcl", `depends_on = [sync.staff]`, `depends_on = [sync.staff, sync.departments]`)
	c.refused("syncs and keys that differ, all at once", planned("12"), `no such sync here`, `has the key (id) here`, `does not look it up here`)
	c.write(filepath.Join(c.target.dir, "syncs.hcl"), syncs)

	c.target.exec("ALTER TABLE staff DROP COLUMN office")
	c.target.exec("ALTER TABLE student DROP COLUMN badge")
	c.says("tables that lack columns", c.planImport(manifest, "12"), `no column "office"`, `no column "badge"`)
	c.target.exec("ALTER TABLE staff ADD COLUMN office VARCHAR(3)")
	c.target.exec("ALTER TABLE student ADD COLUMN badge VARCHAR(20)")
	c.refused("a value that does not fit", planned("12"), `1 rows do not fit table "staff"`)
}

// What happens between the plan and the apply.
func TestTransferImportBetween(t *testing.T) {
	t.Parallel()
	c := onCampus(t, false)
	c.live()
	manifest := c.export(c.origin, "both", "hss", "sci")
	c.become(manifest, "12", "HUM")
	m, err := c.target.openImport(manifest, "12")
	c.target.must(err)
	p, err := m.Plan(t.Context(), c.target.planOptions())
	c.target.must(err)
	applied := func(m *transfer.Import, p *plan.Plan) func() error {
		return func() error {
			_, err := m.Apply(t.Context(), p, c.target.applyOptions(), false)
			return err
		}
	}
	c.target.exec("INSERT INTO department (code, name, faculty, created_on) VALUES ('NEW', 'New', 'HUM', '2026-01-01 00:00:00')")
	c.refused("a row that came into the scope", applied(m, p), "its scope would hold 4 rows, the bundle has 3")
	c.target.exec("UPDATE department SET code = 'HI'")
	c.refused("a row that took a key", func() error {
		err := applied(m, p)()
		if _, ok := errors.AsType[*apply.StaleError](err); !ok {
			t.Errorf("%v is no *apply.StaleError", err)
		}
		return err
	})
	c.target.exec("DELETE FROM department")

	// A plan is of one bundle, one set of faculties and one configuration, and is recalled by its id, as after a crash.
	other, err := c.target.openImport(manifest)
	c.target.must(err)
	c.refused("a plan of fewer faculties", applied(other, p), "made with another configuration")
	again := c.export(c.origin, "again", "hss", "sci")
	c.become(again, "12", "HUM")
	c.origin.exec("UPDATE staff SET office = 'L-300' WHERE number = 'H1002'")
	changed := c.export(c.origin, "changed", "hss")
	c.become(changed, "12", "HUM")
	m2, err := c.target.openImport(changed)
	c.target.must(err)
	c.refused("a plan of another bundle", applied(m2, p), "is of another bundle")
	c.origin.exec("UPDATE staff SET office = NULL WHERE number = 'H1002'")

	recalled, err := plan.Recall(t.Context(), c.target.load(), known(), p.ID)
	c.target.must(err)
	m, err = transfer.OpenImport(t.Context(), c.target.load(), transfer.Options{Providers: known(), LockTimeout: 10 * time.Second, Manifest: manifest, Plan: recalled})
	c.target.must(err)
	t.Cleanup(func() { m.Close() })
	if _, err := m.Confirm(t.Context(), recalled); err == nil {
		t.Error("what was not applied is confirmed")
	}
	c.target.must(applied(m, recalled)())
	c.refused("a plan that was applied", func() error {
		err := applied(m, recalled)()
		if _, ok := errors.AsType[*apply.AppliedError](err); !ok {
			t.Errorf("%v is no *apply.AppliedError", err)
		}
		return err
	})
	c.refused("the same bundle once more", func() error { return c.planImport(manifest, "12") }, "has rows here already", "--apply "+p.ID)
	if lines, err := m.Confirm(t.Context(), recalled); err != nil || len(lines) != 1 || lines[0].Rows != 11 || lines[0].IDImport != "HUM" {
		t.Errorf("the confirmation: %+v, %v", lines, err)
	}
}

func TestTransferRetireRefused(t *testing.T) {
	t.Parallel()
	c := onCampus(t, false)
	c.live()
	manifest := c.export(c.origin, "both", "hss", "sci")
	c.become(manifest, "12", "HUM")
	c.target.now = c.origin.now.Add(time.Hour)
	confirmation := c.target.bring(manifest, "12")
	c.origin.now = c.target.now
	opened := func(s *server, confirmation, manifest string, faculties ...string) func() error {
		return func() error {
			_, err := s.openRetirement(confirmation, manifest, faculties...)
			return err
		}
	}
	planned := func() error {
		r, err := c.origin.openRetirement(confirmation, manifest)
		if err == nil {
			_, err = r.Plan(t.Context(), c.origin.planOptions())
		}
		return err
	}
	written := readFile(t, confirmation)
	spoilt := func(from, to string) string {
		path := filepath.Join(t.TempDir(), "edited.csv")
		c.write(path, strings.Replace(written, from, to, 1))
		return path
	}
	c.refused("a confirmation that is not there", opened(c.origin, filepath.Join(t.TempDir(), "none.csv"), manifest), "none.csv")
	c.refused("edited counts", opened(c.origin, spoilt(";11;", ";10;"), manifest), "edited.csv, line 2", "Check")
	c.refused("the manifest instead of a confirmation", opened(c.origin, manifest, manifest), "no confirmation of an import")
	c.refused("a faculty that was not imported", opened(c.origin, confirmation, manifest, "25"), "does not confirm", "25")
	c.refused("another server", opened(c.target, confirmation, manifest), "hss")
	c.origin.exec("UPDATE staff SET office = 'L-1' WHERE number = 'S2001'")
	c.refused("a confirmation of another bundle", opened(c.origin, confirmation, c.export(c.origin, "both", "hss", "sci")), "another bundle")
	if _, err := c.origin.openRetirement(spoilt(";", ";"), manifest); err != nil {
		t.Errorf("a copy: %v", err)
	}
	if _, err := c.origin.openRetirement(spoilt(written, strings.TrimPrefix(strings.ReplaceAll(written, ";", ","), "\ufeff")), manifest); err != nil {
		t.Errorf("as an office program saves it: %v", err)
	}

	r, err := c.origin.openRetirement(confirmation, manifest)
	c.origin.must(err)
	p, err := r.Plan(t.Context(), c.origin.planOptions())
	c.origin.must(err)
	applied := func() error {
		_, err := r.Apply(t.Context(), p, c.origin.applyOptions())
		return err
	}
	c.origin.exec("INSERT INTO department (code, name, faculty, created_on) VALUES ('NEW', 'New', '12', '2026-01-01 00:00:00')")
	c.refused("a row since the export", planned, "has 4 rows of it now, 3 were exported")
	c.refused("a row since the plan", applied, "1 rows came into table \"department\"")
	c.origin.exec("DELETE FROM department WHERE code = 'NEW'")
	c.origin.exec("UPDATE student SET badge = 'changed' WHERE number = '20260001'")
	c.refused("a value changed since the export", planned, "some were changed")
	c.refused("a value changed since the plan", func() error {
		err := applied()
		if _, ok := errors.AsType[*apply.StaleError](err); !ok {
			t.Errorf("%v is no *apply.StaleError", err)
		}
		return err
	})
	c.origin.exec("UPDATE student SET badge = NULL WHERE number = '20260001'")

	// A colleague of the other faculty is in one of the departments: it is held, and cannot be lifted.
	c.origin.exec("UPDATE staff SET department_id = (SELECT id FROM department WHERE code = 'HI') WHERE number = 'S2001'")
	blocked, err := r.Plan(t.Context(), c.origin.planOptions())
	c.origin.must(err)
	if !blocked.Blocked() {
		t.Error("rows that others refer to are not held")
	}
	c.refused("rows that others refer to", func() error {
		_, err := r.Apply(t.Context(), blocked, c.origin.applyOptions())
		return err
	})
	c.origin.exec("UPDATE staff SET department_id = (SELECT id FROM department WHERE code = 'MA') WHERE number = 'S2001'")
	c.origin.must(applied())
}
