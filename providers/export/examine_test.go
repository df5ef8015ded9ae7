package export_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/csv"
	"github.com/registrar-sync/registrar/providers/export"
	"github.com/registrar-sync/registrar/providers/sqlite"
)

// findings are what is said of the destination and of its tables.
func (w *world) findings(applying bool, tables ...string) (all []providers.Finding) {
	w.Helper()
	d := w.open()
	defer d.Close()
	examined, err := d.(providers.Examiner).Examine(w.Context())
	w.must(err)
	needs := providers.Needs{Apply: applying}
	for _, table := range tables {
		needs.Tables = append(needs.Tables, providers.TableNeed{Table: table, Select: true})
	}
	held, err := d.(providers.PrivilegeExaminer).Privileges(w.Context(), needs)
	w.must(err)
	return append(examined, held...)
}

// The files' encoding is told, not the store's, and what the store says is said of it.
func TestExamine(t *testing.T) {
	t.Parallel()
	w := newWorld(t, rooms(`encoding = "windows-1252"`, ""))
	found := map[string]string{}
	for _, f := range w.findings(true, "rooms") {
		if f.State != providers.FindingOK {
			t.Errorf("%+v", f)
		}
		found[f.Subject] = f.Found
	}
	delete(found, "version")
	want := map[string]string{
		"charset": "windows-1252, as declared", "writing": "the register: the file may be written", "files": "those that are there may be read, and all may be written",
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	w.alone("registrar.db")
}

// What keeps a plan or an apply from working is found.
func TestExamineFiles(t *testing.T) {
	t.Parallel()
	w := newWorld(t, rooms("", ""))
	w.must(os.Mkdir(filepath.Join(w.dir, "out/folder.csv"), 0o700))
	w.write("out/file", "")
	tables := map[string]string{
		"../rooms":      `table "../rooms": not the name of a file`,
		"nowhere/rooms": "the directory out/nowhere: it does not exist",
		"file/rooms":    "the directory out/file: ",
		"folder":        "out/folder.csv: it is not a regular file",
	}
	if err := os.Symlink("file", filepath.Join(w.dir, "out/linked.csv")); err == nil {
		tables["linked"] = "out/linked.csv: it is not a regular file"
	} else if runtime.GOOS != "windows" {
		t.Fatal(err)
	}
	for table, want := range tables {
		var got []string
		for _, f := range w.findings(true, "rooms", table) {
			if f.State == providers.FindingProblem && f.Subject == "files" && f.Remedy != "" {
				got = append(got, f.Found)
			}
		}
		if len(got) != 1 || !strings.HasPrefix(got[0], want) {
			t.Errorf("%s: %q, want %q", table, got, want)
		}
	}
}

// A folder in which root, too, can make no file is one for a plan and none for an apply.
func TestExamineFolderThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		return // there is no such folder
	}
	w := newWorld(t, rooms("", ""))
	w.write("main.hcl", strings.Replace(rooms("register = \""+filepath.Join(w.dir, "kept.db")+"\"", ""), `directory = "out"`, `directory = "/proc"`, 1))
	for applying, want := range map[bool]providers.FindingState{false: providers.FindingOK, true: providers.FindingProblem} {
		found := w.findings(applying, "rooms")
		if f := found[len(found)-1]; f.Subject != "files" || f.State != want || applying && !strings.Contains(f.Found, "no file can be made there") {
			t.Errorf("applying = %v: %+v", applying, f)
		}
	}
}

// A file that an apply could not replace is told of until it is.
func TestExamineFileThatWaits(t *testing.T) {
	t.Parallel()
	w, _ := interrupted(t, "before the renaming")
	waits := func() (found []string) {
		for _, f := range w.findings(true, "rooms") {
			if f.State == providers.FindingWarning {
				found = append(found, f.Found)
			}
		}
		return found
	}
	if found := waits(); len(found) != 1 || !strings.HasPrefix(found[0], "out/rooms.csv is still to be replaced") {
		t.Errorf("%q", found)
	}
	w.plan("nothing")
	if found := waits(); len(found) > 0 {
		t.Errorf("%q", found)
	}
}

// What the store and the format know of an error is told.
func TestAdvice(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := export.New(csv.New(), sqlite.New())
	for name, attributes := range map[string]providers.Attributes{
		"correct directory":         {"directory": "nowhere"},
		"write the register's file": {"directory": ".", "register": "nowhere/registrar.db"},
	} {
		_, err := p.OpenDestination(t.Context(), attributes, dir)
		if err == nil || !strings.Contains(p.Advice(err), name) {
			t.Errorf("%q for: %v", p.Advice(err), err)
		}
	}
	if p.Advice(context.Canceled) != "" {
		t.Error("advice about nothing")
	}
}

// Two destinations do not write one file, whatever they call its directory.
func TestTwoDestinationsOfOneFile(t *testing.T) {
	t.Parallel()
	two := func(directory, attributes string) string {
		main := rooms("", deleting)
		_, sync, _ := strings.Cut(main, "\nsync")
		return main + `
destination "csv" "again" {
  directory = "` + directory + `"
  register  = "../again.db"
  ` + attributes + `
}
sync` + strings.NewReplacer(`"rooms" {`, `"again" {`, "csv.out", "csv.again").Replace(sync)
	}
	w := newWorld(t, two("out", ""))
	w.write("in/rooms.csv", three)
	d, err := export.New(csv.New(), sqlite.New()).OpenDestination(t.Context(), providers.Attributes{"directory": "out", "register": "../again.db"}, w.dir)
	w.must(err)
	w.initIn(d)
	w.must(d.Close())
	w.must(os.Mkdir(filepath.Join(w.dir, "out/other"), 0o700))
	for _, directory := range []string{"out", "out/other/.."} {
		w.write("main.hcl", two(directory, ""))
		if _, err := w.tryPlan(); err == nil || !strings.Contains(err.Error(), `destination.csv.out and destination.csv.again both write the file of table "rooms"`) {
			t.Errorf("error %v", err)
		}
	}
	w.write("main.hcl", two("out", `extension = ".txt"`))
	w.plan("insert 6")
}
