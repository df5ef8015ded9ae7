package csv_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/csv"
)

func TestTables(t *testing.T) {
	dir := write(t, map[string]string{
		"data/rooms.csv":       "c\n1\n",
		"data/roms.csv":        "c\n",
		"data/staff.csv":       "c\n",
		"data/Sites.csv":       "c\n",
		"data/2026/groups.csv": "c\n1\n",
		"data/plain":           "c\n1\n",
		"data/sub.csv/x":       "",
		"secret.csv":           "c\n1\n",
		"data/.git/config":     "c\n1\n",
	})
	if err := os.Symlink("../secret.csv", filepath.Join(dir, "data", "leak.csv")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("rooms.csv", filepath.Join(dir, "data", "current.csv")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(".git/config", filepath.Join(dir, "data", "token.csv")); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ table, want string }{ // want: a part of the error's text, "" for none
		{"rooms", ""},
		{"current", ""},
		{"2026/groups", ""},
		{"roos", `table "roos": directory "data" has no file "roos.csv". Similar tables: "roms", "rooms"`},
		{"Rooms", `has no file "Rooms.csv". Similar tables: "rooms", "roms"`},
		{"sites", `has no file "sites.csv". Did you mean "Sites"?`},
		{"timetable", `has no file "timetable.csv". Its tables: "Sites", "current", `},
		{"2026/group", `Did you mean "2026/groups"?`},
		{"2027/groups", `has no file "2027/groups.csv"`},
		{"../secret", "not the name of a file"},
		{"2026/../../secret", "not the name of a file"},
		{"/etc/hosts", "not the name of a file"},
		{`..\secret`, "not the name of a file"},
		{"a\x00b", "not the name of a file"},
		{"leak", "escapes"},
		{"token", "what lies in a .git folder is no table"},
		{".git/config", "what lies in a .git folder is no table"},
		{"sub", "data/sub.csv is not a regular file"},
	} {
		_, rows, err := all(t.Context(), t, open(t, dir, nil), test.table)
		if test.want == "" {
			if err != nil || len(rows) != 1 {
				t.Errorf("%s: %d rows, %v", test.table, len(rows), err)
			}
		} else if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), dir) {
			t.Errorf("%s: error %v, want %q", test.table, err, test.want)
		}
	}
	if _, _, err := all(t.Context(), t, open(t, dir, providers.Attributes{"extension": ""}), "plain"); err != nil {
		t.Error(err)
	}
	if _, _, err := all(t.Context(), t, open(t, dir, providers.Attributes{"extension": ".txt"}), "rooms"); err == nil || !strings.Contains(err.Error(), "no other *.txt") {
		t.Error(err)
	}
}

func TestQueries(t *testing.T) {
	snapshot := open(t, write(t, map[string]string{"data/x.csv": "c\n"}), nil)
	for want, query := range map[string]providers.Query{
		"a csv source has tables only": {SQL: "SELECT 1"},
		"no table is named":            {},
		"takes no parameters":          {Table: "x", Params: []providers.Param{{Name: "a"}}},
	} {
		if _, err := snapshot.Read(t.Context(), query); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestAbsoluteDirectory(t *testing.T) {
	dir := write(t, map[string]string{"data/x.csv": "c\n1\n"})
	snapshot := open(t, "elsewhere", providers.Attributes{"directory": filepath.Join(dir, "data")})
	if _, rows, err := all(t.Context(), t, snapshot, "x"); err != nil || len(rows) != 1 {
		t.Errorf("%v, %v", rows, err)
	}
}

// A snapshot keeps the directory that it opened, though its name is given to another.
func TestSnapshotKeepsItsDirectory(t *testing.T) {
	dir := write(t, map[string]string{"old/x.csv": "c\n1\n", "new/x.csv": "c\n1\n2\n"})
	link := filepath.Join(dir, "data")
	if err := os.Symlink("old", link); err != nil {
		t.Fatal(err)
	}
	source, err := csv.New().OpenSource(t.Context(), with(nil), dir)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{1, 2} {
		snapshot, err := source.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			if err := errors.Join(os.Remove(link), os.Symlink("new", link)); err != nil {
				t.Fatal(err)
			}
		}
		if _, rows, err := all(t.Context(), t, snapshot, "x"); err != nil || len(rows) != want {
			t.Errorf("%v, %v, want %d rows", rows, err, want)
		}
		if err := snapshot.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestFileChangesWhileRead(t *testing.T) {
	rest := strings.Repeat("some,row\n", 100_000) // more than one buffer
	for name, test := range map[string]struct {
		change  func(path string) error
		changed bool
	}{
		"left alone": {func(string) error { return nil }, false},
		"appended to": {func(path string) error {
			f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = f.WriteString("one,more\n")
			return errors.Join(err, f.Close())
		}, true},
		"appended to, its time set back": {func(path string) error {
			info, err := os.Stat(path)
			if err != nil {
				return err
			}
			return errors.Join(os.WriteFile(path, []byte("c,d\n"+rest+"one,more\n"), 0o600), os.Chtimes(path, info.ModTime(), info.ModTime()))
		}, true},
		"cut off":   {func(path string) error { return os.Truncate(path, int64(len("c,d\n")+len(rest)/2/9*9)) }, true},
		"rewritten": {func(path string) error { return os.WriteFile(path, []byte("c,d\n"+strings.ToUpper(rest)), 0o600) }, true},
		// The file that was opened is still whole: its name just went to another one.
		"replaced": {func(path string) error {
			return errors.Join(os.WriteFile(path+".new", []byte("c,d\n"), 0o600), os.Rename(path+".new", path))
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := write(t, map[string]string{"data/x.csv": "c,d\n" + rest})
			path := filepath.Join(dir, "data", "x.csv")
			long := time.Now().Add(-time.Hour)
			if err := os.Chtimes(path, long, long); err != nil {
				t.Fatal(err)
			}
			rows, err := open(t, dir, nil).Read(t.Context(), providers.Query{Table: "x"})
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			if err := test.change(path); err != nil {
				t.Fatal(err)
			}
			n, err := drain(rows)
			if test.changed && (errors.Is(err, io.EOF) || !strings.HasPrefix(err.Error(), "data/x.csv changed while it was read")) {
				t.Errorf("after %d rows: %v", n, err)
			} else if !test.changed && (!errors.Is(err, io.EOF) || n != 100_000) {
				t.Errorf("after %d rows: %v", n, err)
			}
		})
	}
}

// drain reads to the end or an error.
func drain(rows providers.Rows) (n int, err error) {
	row := make([]value.Value, len(rows.Columns()))
	for {
		if err := rows.Next(row); err != nil {
			return n, err
		}
		n++
	}
}

func TestCancel(t *testing.T) {
	snapshot := open(t, write(t, map[string]string{"data/x.csv": "c\n1\n2\n3\n"}), nil)
	ctx, cancel := context.WithCancel(t.Context())
	rows, err := snapshot.Read(ctx, providers.Query{Table: "x"})
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if err := rows.Next(make([]value.Value, 1)); err != nil {
		t.Fatal(err)
	}
	cancel()
	if n, err := drain(rows); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("%d rows after cancel, then %v", n, err)
	}
	if _, err := snapshot.Read(ctx, providers.Query{Table: "x"}); !errors.Is(err, context.Canceled) {
		t.Errorf("Read: %v", err)
	}
}

func TestNextAfterClose(t *testing.T) {
	snapshot := open(t, write(t, map[string]string{"data/x.csv": "c\n1\n2\n"}), nil)
	rows, err := snapshot.Read(t.Context(), providers.Query{Table: "x"})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := drain(rows); n != 0 || !errors.Is(err, os.ErrClosed) {
		t.Errorf("%d rows, %v", n, err)
	}
}

// A value may be kept after the next row is read.
func TestValuesSurviveNext(t *testing.T) {
	const n = 50_000 // several buffers
	var file strings.Builder
	file.WriteString("c,d\n")
	for i := range n {
		fmt.Fprintf(&file, "\"a\"\"%d\",é%d\n", i, i)
	}
	for _, encoding := range []string{"utf-8", "iso-8859-1"} {
		text := file.String()
		if encoding != "utf-8" {
			text = strings.ReplaceAll(text, "é", "\xe9")
		}
		rows, err := open(t, write(t, map[string]string{"data/x.csv": text}), providers.Attributes{"encoding": encoding}).Read(t.Context(), providers.Query{Table: "x"})
		if err != nil {
			t.Fatal(err)
		}
		kept := make([]value.Value, 0, 2*n)
		row := make([]value.Value, 2)
		for rows.Next(row) == nil {
			kept = append(kept, row...)
		}
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
		if len(kept) != 2*n {
			t.Fatalf("%d values", len(kept))
		}
		for i := range n {
			if a, b := kept[2*i].Str(), kept[2*i+1].Str(); a != fmt.Sprintf(`a"%d`, i) || b != fmt.Sprintf("é%d", i) {
				t.Fatalf("row %d: %q, %q", i, a, b)
			}
		}
	}
}
