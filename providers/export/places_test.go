package export_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// A table may be in a folder of the directory, which must be there; its file is a file, and not the register.
func TestPlaces(t *testing.T) {
	t.Parallel()
	in := func(table string) string {
		return strings.Replace(rooms("", deleting), "into  = destination.csv.out\n    table = \"rooms\"", "into  = destination.csv.out\n    table = \""+table+"\"", 1)
	}
	w := newWorld(t, in("2026/rooms"))
	w.write("in/rooms.csv", three)
	refused := func(want string) {
		t.Helper()
		if _, err := w.tryPlan(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	refused("there is no directory out/2026: create it")
	w.must(os.Mkdir(filepath.Join(w.dir, "out/2026"), 0o700))
	w.apply(w.plan("insert 3"))
	if !strings.HasPrefix(w.read("out/2026/rooms.csv"), "code,name") {
		t.Error("the file is not where it should be")
	}
	w.plan("nothing")
	for table, want := range map[string]string{"../rooms": "not the name of a file", "registrar_rooms": "belongs to the register"} {
		w.write("main.hcl", in(table))
		refused(want)
	}
	w.write("main.hcl", strings.Replace(in("registrar"), `directory = "out"`, `directory = "out"`+"\n  extension = \".db\"", 1))
	refused("its file would be the register's")
	w.write("main.hcl", in("linked"))
	if err := os.Symlink("2026/rooms.csv", filepath.Join(w.dir, "out/linked.csv")); err == nil {
		refused("out/linked.csv: it is not a regular file")
	} else if runtime.GOOS != "windows" {
		t.Fatal(err)
	}
	w.write("main.hcl", strings.Replace(rooms("", ""), `directory = "out"`, `directory = "nowhere"`, 1))
	refused(`open directory "nowhere"`)
}

// A file without a header has the columns that it was written with.
func TestWithoutAHeader(t *testing.T) {
	t.Parallel()
	w := newWorld(t, rooms(`header = false`, deleting))
	w.write("in/rooms.csv", "code,name,seats\nR1,One,1\nR2,,2\n")
	w.write("out/rooms.csv", "R1,Uno,1,A\n")
	w.apply(w.plan("insert 1, update 1"))
	w.want("R1,One,1,A", "R2,,2,A")
	w.write("out/rooms.csv", "R1,Uno,1,A\nR3,,,A\n")
	w.write("main.hcl", strings.Replace(rooms(`header = false`, deleting), "    name  = row.name\n", "", 1))
	w.apply(w.plan("insert 1, delete 1"))
	w.want("R1,1,A", "R2,2,A")
	w.plan("nothing")
}

// Files of one directory refer to each other as tables do.
func TestLookupBetweenFiles(t *testing.T) {
	t.Parallel()
	main := rooms("", deleting) + `
sync "staff" {
  source {
    from  = source.csv.in
    table = "staff"
  }
  destination {
    into       = destination.csv.out
    table      = "staff"
    key        = ["number"]
    owns_table = true
  }
  columns {
    number = row.number
    office = lookup("rooms", "name", { code = row.room })
  }
}
`
	w := newWorld(t, main)
	w.write("in/rooms.csv", "code,name,seats\nR1,One,1\n")
	w.write("in/staff.csv", "number,room\nS1,R1\nS2,R9\n")
	p, err := w.tryPlan()
	w.must(err)
	if p.Syncs()[1].Rejected+p.Syncs()[0].Rejected != 1 {
		t.Errorf("%+v", p.Syncs())
	}
	w.write("in/staff.csv", "number,room\nS1,R1\n")
	w.apply(w.plan("insert 2"))
	if got := w.read("out/staff.csv"); got != "number,office\r\nS1,One\r\n" {
		t.Errorf("%q", got)
	}
	w.plan("nothing")
}

// Of two applies at once of one plan one is done.
func TestTwoAppliesAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, rooms("", deleting))
	w.write("in/rooms.csv", three)
	p := w.plan("insert 3")
	var all sync.WaitGroup
	errs := make([]error, 2)
	for i := range errs {
		other := *w
		all.Go(func() { errs[i] = other.tryApply(p) })
	}
	all.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("%v, %v", errs[0], errs[1])
	}
	w.alone("registrar.db", "rooms.csv")
	w.plan("nothing")
}

// A key of other columns needs another index, which is made.
func TestOtherKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t, rooms("", deleting))
	w.write("in/rooms.csv", "code,name,seats\nR1,One,1\nR2,Alpha,2\n")
	w.apply(w.plan("insert 2"))
	w.write("main.hcl", strings.Replace(rooms("", deleting), `["code"]`, `["name"]`, 1))
	w.write("in/rooms.csv", "code,name,seats\nR1,One,1\nR2,Alpha,2\nR1,Beta,3\n")
	w.apply(w.plan("insert 1"))
	w.want("code,name,seats,origin", "R2,Alpha,2,A", "R1,Beta,3,A", "R1,One,1,A")
	w.write("main.hcl", rooms("", deleting))
	if _, err := w.tryPlan(); err == nil || !strings.Contains(err.Error(), "has 1 keys (code) which several of its rows have") {
		t.Errorf("error %v", err)
	}
}
