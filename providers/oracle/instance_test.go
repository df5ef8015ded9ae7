package oracle_test

import (
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/internal/oracletest"
	"github.com/registrar-sync/registrar/providers"
)

func TestInstance(t *testing.T) {
	t.Parallel()
	ask := func(database, created any) string {
		t.Helper()
		d := openDestination(t, attributes(serveTables(t, oracletest.Config{}, func(s oracletest.Statement) oracletest.Result {
			if !strings.Contains(s.SQL, "DB_UNIQUE_NAME") {
				return oracletest.Result{}
			}
			return table([]oracletest.Column{varchar("A"), varchar("B"), varchar("C"), varchar("D")}, []any{database, "PDB1", "SCOTT", created})
		})))
		instance, err := providers.Instance(t.Context(), d, connect(t, d))
		if err != nil {
			t.Fatal(err)
		}
		return instance
	}
	want := ask("APOPROD", "2026-09-01T02:30:00")
	if again := ask("APOPROD", "2026-09-01T02:30:00"); len(want) != 32 || again != want || strings.Contains(want, "APO") {
		t.Errorf("the database is %q, then %q", want, again)
	}
	for name, got := range map[string]string{
		"one that was imported": ask("APOPROD", "2026-09-02T02:30:00"), "a duplicate": ask("APOTEST", "2026-09-01T02:30:00"),
	} {
		if got == want || got == "" {
			t.Errorf("%s is %q", name, got)
		}
	}
	if got := ask(nil, "2026-09-01T02:30:00"); got != "" {
		t.Errorf("where the user may not know, it is %q", got)
	}
}
