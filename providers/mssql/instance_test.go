package mssql_test

import (
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/internal/mssqltest"
	"github.com/registrar-sync/registrar/providers"
)

func TestInstance(t *testing.T) {
	t.Parallel()
	ask := func(server, created any) string {
		t.Helper()
		_, d := openTarget(t, &target{answer: func(r *mssqltest.Request) *mssqltest.Response {
			if !strings.Contains(r.SQL, "create_date") {
				return nil
			}
			text := "nvarchar(256)"
			return result([]any{text, text, text, text}, []any{server, "registrar", "5", created})
		}})
		conn, err := d.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		instance, err := providers.Instance(t.Context(), d, conn)
		if err != nil {
			t.Fatal(err)
		}
		return instance
	}
	want := ask(`DB\ONE`, "2026-09-01T02:30:00")
	if again := ask(`DB\ONE`, "2026-09-01T02:30:00"); len(want) != 32 || again != want || strings.Contains(want, "DB") {
		t.Errorf("the database is %q, then %q", want, again)
	}
	for name, got := range map[string]string{
		"one that was restored": ask(`DB\ONE`, "2026-09-02T02:30:00"), "one of another server": ask(`DB\TWO`, "2026-09-01T02:30:00"),
	} {
		if got == want || got == "" {
			t.Errorf("%s is %q", name, got)
		}
	}
	if got := ask(nil, "2026-09-01T02:30:00"); got != "" {
		t.Errorf("where the login may not know, it is %q", got)
	}
}
