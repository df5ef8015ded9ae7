package export_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/apply"
)

const deleting = `lifecycle {
  on_missing = "delete"
}`

const three = "code,name,seats\nR2,Two,20\nR10,Ten,\nR1,\"One, \"\"the\"\" first\",10\n"

func TestLifeOfAnExport(t *testing.T) {
	t.Parallel()
	w := newWorld(t, rooms("", deleting))
	w.write("in/rooms.csv", three)
	p := w.plan("insert 3")
	w.alone("registrar.db")
	w.apply(p)
	w.want("code,name,seats,origin", `R1,"One, ""the"" first",10,A`, "R10,Ten,,A", "R2,Two,20,A")
	w.alone("registrar.db", "rooms.csv")
	w.plan("nothing")

	w.write("in/rooms.csv", "code,name,seats\nR2,Zwei,20\nR10,Ten,\nR3,,30\n")
	w.apply(w.plan("insert 1, update 1, delete 1"))
	w.want("code,name,seats,origin", "R10,Ten,,A", "R2,Zwei,20,A", "R3,,30,A")
	w.plan("nothing")
	if len(w.warnings) > 0 {
		t.Errorf("warnings: %q", w.warnings)
	}
}

// What was edited by hand is put right; what is no sync's, stays.
func TestHandEdit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, rooms("", deleting))
	w.write("in/rooms.csv", three)
	w.apply(w.plan("insert 3"))
	w.write("out/rooms.csv", "name,code,origin,seats\nDuo,R2,A,20\nHand,H1,B,\nGone soon,R7,A,1\n")
	p := w.plan("insert 2, update 1, delete 1")
	if len(w.warnings) != 1 || !strings.Contains(w.warnings[0], `"name", "code", "origin", "seats"`) {
		t.Errorf("warnings: %q", w.warnings)
	}
	w.apply(p)
	w.want("code,name,seats,origin", "H1,Hand,,B", `R1,"One, ""the"" first",10,A`, "R10,Ten,,A", "R2,Two,20,A")
	w.plan("nothing")

	// Line ends and quotes are no difference.
	w.write("out/rooms.csv", strings.ReplaceAll(strings.ReplaceAll(w.read("out/rooms.csv"), "\r\n", "\n"), "Hand", `"Hand"`))
	w.plan("nothing")
}

func TestRemovedFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, rooms("", deleting))
	w.write("in/rooms.csv", three)
	w.apply(w.plan("insert 3"))
	before := w.read("out/rooms.csv")
	w.remove("out/rooms.csv")
	w.apply(w.plan("insert 3"))
	if w.read("out/rooms.csv") != before {
		t.Error("the same rows are not the same file")
	}
	w.plan("nothing")
}

// A file that was there before the first plan is the state.
func TestFileBeforeTheFirstPlan(t *testing.T) {
	t.Parallel()
	w := newWorld(t, rooms("", deleting))
	w.write("in/rooms.csv", three)
	w.write("out/rooms.csv", "code,name,seats,origin\nR2,Two,20,A\nR1,One,,A\n")
	w.must(os.Chmod(filepath.Join(w.dir, "out/rooms.csv"), 0o640))
	w.apply(w.plan("insert 1, update 1"))
	w.want("code,name,seats,origin", `R1,"One, ""the"" first",10,A`, "R10,Ten,,A", "R2,Two,20,A")
	info, err := os.Stat(filepath.Join(w.dir, "out/rooms.csv"))
	w.must(err)
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v", info.Mode())
	}
}

func TestStale(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		edit  func(w *world)
		stale bool
	}{
		"a row of the plan": {func(w *world) { w.write("out/rooms.csv", "code,name,seats,origin\nR1,Edited,10,A\nR2,Two,20,A\n") }, true},
		"another row": {func(w *world) {
			w.write("out/rooms.csv", "code,name,seats,origin\nR1,One,10,A\nR2,Edited,20,A\nH1,Hand,,B\n")
		}, false},
		"the file is gone": {func(w *world) { w.remove("out/rooms.csv") }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, rooms("", deleting))
			w.write("in/rooms.csv", "code,name,seats\nR1,One,10\nR2,Two,20\n")
			w.apply(w.plan("insert 2"))
			w.write("in/rooms.csv", "code,name,seats\nR1,Uno,10\nR2,Two,20\n")
			p := w.plan("update 1")
			test.edit(w)
			before, _ := os.ReadFile(filepath.Join(w.dir, "out/rooms.csv"))
			err := w.tryApply(p)
			if _, ok := errors.AsType[*apply.StaleError](err); ok != test.stale || (err == nil) == test.stale {
				t.Fatalf("stale = %v, want %v: %v", ok, test.stale, err)
			}
			if !test.stale {
				w.want("code,name,seats,origin", "H1,Hand,,B", "R1,Uno,10,A", "R2,Edited,20,A")
				w.plan("update 1")
				return
			}
			if after, _ := os.ReadFile(filepath.Join(w.dir, "out/rooms.csv")); string(after) != string(before) {
				t.Error("a stale plan changed the file")
			}
		})
	}
}

func TestArchivedRowsStayInTheFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, rooms(`timestamp_format = "DD/MM/YYYY hh:mm:ssZ"`, `lifecycle {
  on_missing = "archive"
  archive    = { deleted_on = now() }
  restore    = { deleted_on = null }
  stamps     = { created_on = "insert" }
}`))
	w.write("in/rooms.csv", "code,name,seats\nR1,One,10\nR2,Two,20\n")
	w.apply(w.plan("insert 2"))
	w.write("in/rooms.csv", "code,name,seats\nR2,Two,20\n")
	w.apply(w.plan("archive 1"))
	w.want("code,name,seats,origin,deleted_on,created_on",
		"R1,One,10,A,01/09/2026 02:34:00Z,01/09/2026 02:32:00Z", "R2,Two,20,A,,01/09/2026 02:32:00Z")
	w.plan("nothing")
	// Read again from the file it is archived still.
	w.write("out/rooms.csv", strings.ReplaceAll(w.read("out/rooms.csv"), "\r\n", "\n"))
	w.plan("nothing")
	w.write("in/rooms.csv", "code,name,seats\nR1,One,10\nR2,Two,20\n")
	w.apply(w.plan("undelete 1"))
	w.want("code,name,seats,origin,deleted_on,created_on", "R1,One,10,A,,01/09/2026 02:32:00Z", "R2,Two,20,A,,01/09/2026 02:32:00Z")
}

// Two syncs share a file by disjoint scopes, also where only one of them is planned.
func TestTwoSyncsOfOneFile(t *testing.T) {
	t.Parallel()
	main := rooms("", deleting)
	_, sync, _ := strings.Cut(main, "\nsync")
	second := "\nsync" + strings.NewReplacer(`"rooms" {`, `"halls" {`, `table = "rooms"
  }
  destination`, `table = "halls"
  }
  destination`, `origin = "A"`, `origin = "B"`, "seats = row.seats", "hall  = row.name").Replace(sync)
	w := newWorld(t, main+second)
	w.write("in/rooms.csv", "code,name,seats\nR1,One,10\n")
	w.write("in/halls.csv", "code,name\nH1,Hall\n")
	w.apply(w.plan("insert 1", "sync.halls"))
	w.want("code,name,seats,origin,hall", "H1,Hall,,B,Hall")
	w.apply(w.plan("insert 1"))
	w.want("code,name,seats,origin,hall", "H1,Hall,,B,Hall", "R1,One,10,A,")
	w.write("in/halls.csv", "code,name\nH2,Hall\nH1,Hall\nR1,Not ours\n")
	w.apply(w.plan("insert 1", "sync.halls"))
	w.want("code,name,seats,origin,hall", "H1,Hall,,B,Hall", "H2,Hall,,B,Hall", "R1,One,10,A,")
}

// Other columns and other attributes are announced, and written by the next apply, also one of
// a plan without operations.
func TestOtherColumns(t *testing.T) {
	t.Parallel()
	w := newWorld(t, rooms("", deleting))
	w.write("in/rooms.csv", three)
	w.apply(w.plan("insert 3"))
	w.write("main.hcl", strings.Replace(rooms(`delimiter = ";"`, deleting), "    seats = row.seats\n", "    kind = \"room\"\n", 1))
	w.plan("update 3")
	w.write("main.hcl", strings.Replace(rooms(`delimiter = ";"`, deleting), "    seats = row.seats\n", "", 1))
	p := w.plan("nothing")
	if len(w.warnings) != 2 || !strings.Contains(w.warnings[0], `writes "code", "name", "origin"`) || !strings.Contains(w.warnings[1], "other attributes") {
		t.Errorf("warnings: %q", w.warnings)
	}
	w.want("code,name,seats,origin", `R1,"One, ""the"" first",10,A`, "R10,Ten,,A", "R2,Two,20,A")
	w.apply(p)
	w.want("code;name;origin", `R1;"One, ""the"" first";A`, "R10;Ten;A", "R2;Two;A")
	w.plan("nothing")
	if len(w.warnings) > 0 {
		t.Errorf("warnings: %q", w.warnings)
	}
}

// A column's type may change under rows that are there.
func TestOtherTypes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, rooms("", deleting))
	w.write("in/rooms.csv", three)
	w.apply(w.plan("insert 3"))
	w.write("main.hcl", rooms(`types = { seats = "integer", "rooms.name" = "text" }`, deleting))
	w.apply(w.plan("nothing"))
	w.want("code,name,seats,origin", `R1,"One, ""the"" first",10,A`, "R10,Ten,,A", "R2,Two,20,A")
	w.write("in/rooms.csv", strings.ReplaceAll(three, "20", "many"))
	p := w.plan("nothing") // the record is rejected
	if p.Syncs()[0].Rejected != 1 {
		t.Errorf("%d rejected", p.Syncs()[0].Rejected)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		attributes, in, out string
		want                string
	}{
		"a character that the encoding lacks": {`encoding = "iso-8859-15"`, "code,name,seats\nR1,Łódź,1\n", "", `column "name" of record 1: its value holds a character that iso-8859-15 does not have: choose`},
		"no way to quote":                     {`quote = ""`, "code,name,seats\nR1,\"a,b\",1\n", "", `column "name" of record 1`},
		"no decimal":                          {`types = { seats = "decimal" }`, "code,name,seats\nR1,One,many\n", "", `column "seats" of record 1`},
		"a file that is broken":               {``, three, "code,name\nR1\n", "out/rooms.csv:2: the row has 1 field, 2 were expected"},
		"a key that stands twice":             {``, three, "code,name\nR1,a\nR1,b\nR2,c\n", "has 1 keys (code) which several of its rows have"},
		"names that differ in case":           {``, three, "code,Code\nR1,a\n", "differ in case only"},
		"a file of something else":            {``, three, "what,is,this\n1,2,3\n", "has none of the columns"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, rooms(test.attributes, deleting))
			w.write("in/rooms.csv", test.in)
			if test.out != "" {
				w.write("out/rooms.csv", test.out)
			}
			_, err := w.tryPlan()
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error %v, want %q", err, test.want)
			}
			if test.out != "" {
				if got := w.read("out/rooms.csv"); got != test.out {
					t.Errorf("the file holds %q", got)
				}
			}
		})
	}
}

// A directory that takes no files fails the apply before anything is changed.
func TestDirectoryThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t, rooms("", deleting))
	w.write("in/rooms.csv", three)
	p := w.plan("insert 3")
	// A folder stands where the new file is to be made; permissions do not keep out
	// a test that root runs.
	temp := w.temp(t)
	w.must(os.MkdirAll(filepath.Join(temp, "full"), 0o700))
	if err := w.tryApply(p); err == nil || !strings.Contains(err.Error(), "remove") {
		t.Fatalf("error %v", err)
	}
	w.must(os.RemoveAll(temp))
	w.alone("registrar.db")
	w.apply(p) // it is as if nothing had been
	w.want("code,name,seats,origin", `R1,"One, ""the"" first",10,A`, "R10,Ten,,A", "R2,Two,20,A")
}

// A plan that is never applied, such as that of a merge request, takes nothing from what the file holds: neither columns
// that it leaves out nor zeros that its types do not keep.
func TestOtherColumnsThatWereNeverApplied(t *testing.T) {
	t.Parallel()
	w := newWorld(t, rooms(`date_format = "DD/MM/YYYY"`+"\ntypes = { since = \"date\" }", deleting))
	main := strings.Replace(w.read("main.hcl"), "seats = row.seats", "seats = row.seats\n    since = row.since", 1)
	w.write("main.hcl", main)
	w.write("in/rooms.csv", "code,name,seats,since\nR1,One,007,2026-09-01\n")
	w.write("out/rooms.csv", "code,name,seats,origin,since\nH1,Hand,008,B,02/09/2026\n")
	w.apply(w.plan("insert 1"))
	w.write("main.hcl", rooms(`delimiter = ";"`+"\ntypes = { seats = \"integer\" }", deleting))
	w.plan("nothing")
	w.write("main.hcl", strings.Replace(rooms(`encoding = "iso-8859-15"`, deleting), "    name  = row.name\n", "", 1))
	w.plan("nothing")
	w.write("main.hcl", main)
	w.plan("nothing")
	if len(w.warnings) > 0 {
		t.Errorf("warnings: %q", w.warnings)
	}
	w.write("in/rooms.csv", "code,name,seats,since\nR1,Uno,007,2026-09-01\n")
	w.apply(w.plan("update 1"))
	w.want("code,name,seats,since,origin", "H1,Hand,008,02/09/2026,B", "R1,Uno,007,01/09/2026,A")
}

// A value that is not of its column's new type ends the plan as it does in a file that is read with its types: whosever
// row it is in, no apply could write it again.
func TestTypeThatOldValuesAreNotOf(t *testing.T) {
	t.Parallel()
	w := newWorld(t, rooms("", deleting))
	w.write("in/rooms.csv", "code,name,seats\nR1,One,1\nR2,Two,2\n")
	w.write("out/rooms.csv", "code,name,seats,origin\nH1,Hand,many,B\n")
	w.apply(w.plan("insert 2"))
	before := w.read("out/rooms.csv")
	w.write("main.hcl", rooms(`types = { seats = "integer" }`, deleting))
	_, err := w.tryPlan()
	if err == nil || !strings.Contains(err.Error(), `out/rooms.csv, row 1 of its data, column "seats": its value does not fit`) || strings.Contains(err.Error(), "many") {
		t.Fatalf("error %v", err)
	}
	if w.read("out/rooms.csv") != before {
		t.Error("the file was changed")
	}
	w.write("out/rooms.csv", strings.Replace(before, "many", "3", 1))
	w.apply(w.plan("nothing"))
	w.want("code,name,seats,origin", "H1,Hand,3,B", "R1,One,1,A", "R2,Two,2,A")
}

// A column that somebody adds after the plan is not lost without a word: the plan is stale.
func TestColumnAddedAfterThePlan(t *testing.T) {
	t.Parallel()
	for _, operations := range []string{"update 1", "nothing"} {
		t.Run(operations, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, rooms("", deleting))
			w.write("in/rooms.csv", "code,name,seats\nR1,One,10\n")
			w.apply(w.plan("insert 1"))
			if operations != "nothing" {
				w.write("in/rooms.csv", "code,name,seats\nR1,Uno,10\n")
			}
			p := w.plan(operations)
			const noted = "code,name,seats,origin,note\nR1,One,10,A,ours\n"
			w.write("out/rooms.csv", noted)
			err := w.tryApply(p)
			if stale, ok := errors.AsType[*apply.StaleError](err); !ok || !strings.Contains(stale.Error(), `out/rooms.csv has the columns "code", "name", "seats", "origin", "note"`) {
				t.Fatalf("error %v", err)
			}
			if got := w.read("out/rooms.csv"); got != noted {
				t.Errorf("the file holds %q", got)
			}
			// A plan that tells of it may be applied.
			p = w.plan(operations)
			if len(w.warnings) != 1 || !strings.Contains(w.warnings[0], `"note"`) {
				t.Errorf("warnings %q", w.warnings)
			}
			w.apply(p)
			w.plan("nothing")
		})
	}
}

// A column of a file that the plan does not write makes nothing stale.
func TestColumnAddedToAnotherFile(t *testing.T) {
	t.Parallel()
	main := rooms("", deleting)
	_, sync, _ := strings.Cut(main, "\nsync")
	w := newWorld(t, main+"\nsync"+strings.NewReplacer(`"rooms" {`, `"halls" {`, `"rooms"`, `"halls"`).Replace(sync))
	w.write("in/rooms.csv", "code,name,seats\nR1,One,10\n")
	w.write("in/halls.csv", "code,name,seats\nH1,Hall,10\n")
	w.apply(w.plan("insert 2"))
	w.write("in/rooms.csv", "code,name,seats\nR1,Uno,10\n")
	p := w.plan("update 1", "sync.rooms")
	const noted = "code,name,seats,origin,note\nH1,Hall,10,A,ours\n"
	w.write("out/halls.csv", noted)
	w.apply(p)
	w.want("code,name,seats,origin", "R1,Uno,10,A")
	if got := w.read("out/halls.csv"); got != noted {
		t.Errorf("the file holds %q", got)
	}
}

// The register holds the rows of the exports, and is as private as they are. One that is there keeps its permissions.
func TestRegisterIsPrivate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, rooms(`register = "kept.db"`, deleting))
	path := filepath.Join(w.dir, "out/kept.db")
	for _, want := range []os.FileMode{0o600, 0o640} {
		w.must(w.open().Close())
		info, err := os.Stat(path)
		w.must(err)
		if runtime.GOOS != "windows" && info.Mode().Perm() != want {
			t.Errorf("mode %v, want %v", info.Mode(), want)
		}
		w.must(os.Chmod(path, 0o640))
	}
}

// Only what comes from a source is guarded: rows of others stay as they are.
func TestGuardedFormulas(t *testing.T) {
	t.Parallel()
	w := newWorld(t, rooms("guard_formulas = true", deleting))
	w.write("in/rooms.csv", "code,name,seats\nR1,=1+1,10\n")
	w.write("out/rooms.csv", "code,name,seats,origin\nH1,=SUM(A1),,B\n")
	w.apply(w.plan("insert 1"))
	w.want("code,name,seats,origin", "H1,=SUM(A1),,B", "R1,'=1+1,10,A")
	w.plan("nothing")
	w.write("out/rooms.csv", strings.ReplaceAll(w.read("out/rooms.csv"), "\r\n", "\n"))
	w.plan("nothing")
}
