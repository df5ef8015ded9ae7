package transfer_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers/bundle"
	"github.com/registrar-sync/registrar/transfer"
)

// What a number means on this server alone is not carried to another one.
func TestExportReferencesByNumber(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	exec(t, s.dest, "UPDATE department SET building_id = 5 WHERE code = 'D1'")
	wantExportError(t, s, s.options("hss"), "Reference by a generated number", `column "building_id" of table "department" refers to rows of building`, "(rows that do: 1)", "--without department.building_id")
	s.export(s.options("sci")) // whose departments have none
	for _, without := range []string{"building_id", "department.building_id"} {
		o := s.options("hss")
		o.Without = []string{without}
		b := s.export(o)
		departments := &b.Faculties[0].Syncs[0]
		if slices.ContainsFunc(departments.Columns, func(c bundle.Column) bool { return c.Name == "building_id" }) || !slices.Equal(departments.Without, []string{"building_id"}) {
			t.Errorf("--without %s: %+v", without, departments)
		}
	}
	// The scope is the target's to give; and what a sync gives to the parent means the same on both servers.
	exec(t, s.dest, "CREATE TABLE room (code TEXT PRIMARY KEY, building_id INTEGER REFERENCES building (id), floor_id INTEGER REFERENCES floor (id))",
		"CREATE TABLE floor (id INTEGER PRIMARY KEY, faculty TEXT)", "INSERT INTO floor VALUES (3, 'hss')", "INSERT INTO room VALUES ('R1', 5, 3), ('R2', NULL, 3)",
		"UPDATE department SET building_id = NULL")
	exec(t, s.source, "CREATE TABLE room (code TEXT)", "CREATE TABLE floor (number TEXT)")
	rooms := func(floors string) {
		s.write("rooms.hcl", syncOf("rooms", "room", "code", "building_id = 5", "code = row.code")+floors)
	}
	rooms("")
	wantExportError(t, s, s.options("hss"), `column "floor_id" of table "room" refers to rows of floor`)
	rooms(syncOf("floors", "floor", "id", `faculty = "hss"`, "id = to_number(row.number)"))
	if b := s.export(s.options("hss")); len(b.Faculties[0].Syncs) != 4 {
		t.Errorf("%d syncs were exported", len(b.Faculties[0].Syncs))
	}
}

// syncOf is a sync of the first faculty.
func syncOf(name, table, key, scope, columns string) string {
	return fmt.Sprintf("\nsync %q {\n  faculty = faculty.hss\n  source {\n    from  = source.sqlite.hr\n    table = %q\n  }\n  destination {\n    into  = destination.sqlite.app\n    table = %q\n    key   = [%q]\n    scope = { %s }\n  }\n  columns {\n    %s\n  }\n}\n",
		name, table, table, key, scope, columns)
}

func TestExportInterrupted(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	o := s.options("hss")
	cfg := s.load()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := transfer.Export(ctx, cfg, o); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	entries, err := os.ReadDir(o.Dir)
	must(t, err)
	if len(entries) > 0 {
		t.Errorf("the interrupted export left %v", entries)
	}
}

func wantExportError(t testing.TB, s *server, o transfer.ExportOptions, parts ...string) {
	t.Helper()
	_, err := transfer.Export(t.Context(), s.load(), o)
	if err == nil {
		t.Fatal("no error")
	}
	text := err.Error()
	if mistakes, ok := errors.AsType[*config.DiagnosticsError](err); ok {
		for _, d := range mistakes.Diagnostics {
			text += "\n" + d.Subject.File + ": " + d.Summary + ": " + d.Detail
		}
	}
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("the error does not say %q: %s", part, text)
		}
	}
}

func TestExportBadInput(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	with := func(change func(*transfer.ExportOptions)) transfer.ExportOptions {
		o := s.options("hss")
		change(&o)
		return o
	}
	for want, o := range map[string]transfer.ExportOptions{
		`there is no faculty "hsss". Did you mean "hss"?`:  s.options("hsss"),
		"faculty.law has no sync":                          s.options("law"),
		"faculty.hss is named twice":                       s.options("hss", "SHS"),
		"no faculty is named":                              s.options(),
		"write into the folder":                            with(func(o *transfer.ExportOptions) { o.Dir = filepath.Join(o.Dir, "missing") }),
		"a bundle cannot have the name":                    with(func(o *transfer.ExportOptions) { o.Name = "../x" }),
		`no table that is exported has such a column. Did`: with(func(o *transfer.ExportOptions) { o.Without = []string{"notes"} }),
		"which is part of the key of":                      with(func(o *transfer.ExportOptions) { o.Without = []string{"staff.code"} }),
	} {
		t.Run(want, func(t *testing.T) { wantExportError(t, s, o, want) })
	}
	t.Run("files that are there", func(t *testing.T) {
		o := s.options("hss")
		s.export(o)
		wantExportError(t, s, o, "move.csv exists")
	})
	t.Run("a parent that is not there", func(t *testing.T) {
		exec(t, s.dest, "PRAGMA foreign_keys = 0", "UPDATE staff SET department_id = 12345 WHERE code = '9'")
		wantExportError(t, s, s.options("hss"), `column "department_id" refers to a row that is not there`)
		exec(t, s.dest, "UPDATE staff SET department_id = NULL WHERE code = '9'")
	})
	t.Run("a value of another type", func(t *testing.T) {
		exec(t, s.dest, "UPDATE staff SET deleted_on = 'secret' WHERE code = '9'")
		_, err := transfer.Export(t.Context(), s.load(), s.options("hss"))
		if err == nil || !strings.Contains(err.Error(), `column "deleted_on": the value`) || strings.Contains(err.Error(), "secret") {
			t.Errorf("error %v", err)
		}
		exec(t, s.dest, "UPDATE staff SET deleted_on = NULL WHERE code = '9'")
	})
	t.Run("no register", func(t *testing.T) {
		exec(t, s.dest, "DROP TABLE registrar_meta")
		wantExportError(t, s, s.options("hss"), "registrar init")
	})
}

// What retire compares is what an export would write.
func TestRowsDigest(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	b := s.export(s.options("hss"))
	staff := &b.Faculties[0].Syncs[1]
	cfg := s.load()
	sync := cfg.Syncs[slices.IndexFunc(cfg.Syncs, func(one *config.Sync) bool { return one.Address == staff.Address })]
	d, err := plan.OpenDestination(t.Context(), exporters(), sync.Destination.Into, cfg.Dir)
	must(t, err)
	defer d.Close()
	conn, err := d.Conn(t.Context())
	must(t, err)
	defer conn.Close()
	look := func() (string, int64, error) {
		return transfer.RowsDigest(t.Context(), cfg, sync, staff, d, conn)
	}
	if found, rows, err := look(); err != nil || found != staff.Digest || rows != staff.Rows {
		t.Errorf("digest %s of %d rows, error %v; expected %s of %d", found, rows, err, staff.Digest, staff.Rows)
	}
	exec(t, s.dest, "UPDATE staff SET note = 'changed' WHERE code = '10'") // an archived one, in a column of others
	if found, _, err := look(); err != nil || found == staff.Digest {
		t.Errorf("digest %s, error %v, though a row was changed", found, err)
	}
	exec(t, s.dest, "ALTER TABLE staff ADD COLUMN phone TEXT")
	if _, _, err := look(); err == nil || !strings.Contains(err.Error(), "has other columns") {
		t.Errorf("error %v", err)
	}
}
