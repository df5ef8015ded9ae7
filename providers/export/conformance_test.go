package export_test

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/csv"
	"github.com/registrar-sync/registrar/providers/export"
	"github.com/registrar-sync/registrar/providers/providertest"
	"github.com/registrar-sync/registrar/providers/sqlite"
)

// destinations is the provider without its sources, which read files and not the store.
type destinations struct{ providers.DestinationProvider }

// What the store does it does behind this package, too; what is loaded for a file comes to no harm.
func TestConformance(t *testing.T) {
	providertest.Exercise(t, providertest.Harness{
		Provider:     destinations{export.New(csv.New(), sqlite.New())},
		Capabilities: providertest.Capabilities{EmptyText: true, StagingWithoutLock: true, MaxMembers: 1000},
		New: func(t *testing.T) providertest.Database {
			t.Helper()
			dir := t.TempDir()
			db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(filepath.Join(dir, "registrar.db"))+"?_pragma=busy_timeout(2000)")
			if err != nil {
				t.Fatal(err)
			}
			db.SetMaxIdleConns(-1)
			t.Cleanup(func() { db.Close() })
			return providertest.Database{
				Destination: providers.Attributes{"directory": "."},
				Dir:         dir,
				Exec: func(t testing.TB, statement string) {
					t.Helper()
					if _, err := db.ExecContext(t.Context(), statement); err != nil {
						t.Fatalf("%v\n%s", err, statement)
					}
				},
			}
		},
		SQL: providertest.SQL{
			Text: "TEXT", Int: "INTEGER", IgnoringCase: "TEXT COLLATE NOCASE",
			Statements:     [4]string{"TEXT", "INTEGER", "DECIMAL(10,2)", "TIMESTAMPTZ"},
			IdentityColumn: "INTEGER PRIMARY KEY",
		},
		Types: []providertest.TypeFixture{
			{DDL: "TEXT", Kind: value.Text, Values: []value.Value{value.OfText(""), value.OfText("a,\"b\"\r\n"), value.OfText("é")}},
			{DDL: "INTEGER", Kind: value.Int, Values: []value.Value{value.OfInt(-1 << 63), value.OfInt(1<<63 - 1)}},
			{DDL: "REAL", Kind: value.Float, Values: []value.Value{value.OfFloat(0.1), value.OfFloat(1e300)}},
			{DDL: "BOOLEAN", Kind: value.Bool, Values: []value.Value{value.OfBool(true), value.OfBool(false)}},
			// As exports declare a decimal: the register sees a text.
			{DDL: "DECIMAL_TEXT", Kind: value.Text, Values: []value.Value{value.OfText("12.50"), value.OfText("123456789012345678901234567890.10")}},
			{DDL: "DATE", Kind: value.Date, Values: []value.Value{value.OfDate(time.Date(1969, 7, 20, 0, 0, 0, 0, time.UTC))}},
			{DDL: "TIME(9)", Kind: value.Time, Values: []value.Value{value.OfTime(9*time.Hour + 5)}},
			{DDL: "TIMESTAMP(9)", Kind: value.DateTime, Values: []value.Value{value.OfDateTime(time.Date(2026, 9, 1, 2, 30, 0, 5, time.UTC))}},
			{DDL: "TIMESTAMPTZ(9)", Kind: value.Instant, Values: []value.Value{value.OfInstant(time.Date(2026, 9, 1, 2, 30, 0, 5, time.UTC))}},
		},
	})
}
