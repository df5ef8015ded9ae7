package oracle_test

import (
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	go_ora "github.com/sijms/go-ora/v2"

	"github.com/registrar-sync/registrar/internal/oracletest"
)

// These tests show what the driver does by itself: why session.go and sqlsource are as they are, and that the
// double has what it takes to show it. One that fails with another version of the driver is good news.

// bare connects without the provider.
func bare(t *testing.T, server *oracletest.Server, options map[string]string) *sql.DB {
	t.Helper()
	db := sql.OpenDB(go_ora.NewConnector(go_ora.BuildUrl("127.0.0.1", server.Port(), "XEPDB1", "scott", "tiger", options)))
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// withClock answers what the driver asks at each login.
func withClock(offset int, handle func(oracletest.Statement) oracletest.Result) func(oracletest.Statement) oracletest.Result {
	return func(s oracletest.Statement) oracletest.Result {
		if strings.Contains(s.SQL, "SYSTIMESTAMP") {
			now := time.Date(2026, 7, 1, 8, 0, 0, 0, time.FixedZone("", offset))
			return table([]oracletest.Column{{Name: "NOW", Type: oracletest.TimestampTZ}}, []any{now})
		}
		return handle(s)
	}
}

func TestTheDriverGivesStaleAnswersAfterATimeout(t *testing.T) {
	t.Parallel()
	late := make(chan struct{})
	server := oracletest.New(t, oracletest.Config{Handle: withClock(0, func(s oracletest.Statement) oracletest.Result {
		result := table(code, []any{s.SQL})
		if strings.Contains(s.SQL, "slow") {
			result.Hold = late
		}
		return result
	})})
	db := bare(t, server, map[string]string{"TIMEOUT": "1"})
	var got string
	if err := db.QueryRowContext(t.Context(), "SELECT slow FROM t").Scan(&got); err == nil {
		t.Fatal("no timeout")
	}
	close(late)
	for range 5 {
		err := db.QueryRowContext(t.Context(), "SELECT fast FROM t").Scan(&got)
		if err == nil && got == "SELECT slow FROM t" || errors.Is(err, sql.ErrNoRows) {
			return // the answer to another question, or none
		}
	}
	t.Error("it does not")
}

func TestTheDriverRunsAStatementAgainWhereTheLinkDropsAfterIt(t *testing.T) {
	t.Parallel()
	server := oracletest.New(t, oracletest.Config{Handle: withClock(0, func(s oracletest.Statement) oracletest.Result {
		return oracletest.Result{Affected: 1, DropAtClose: true}
	})})
	_, _ = bare(t, server, nil).ExecContext(t.Context(), "INSERT INTO t VALUES (1)")
	committed := 0
	for _, s := range server.Statements() {
		if strings.HasPrefix(s.SQL, "INSERT") && s.AutoCommit {
			committed++
		}
	}
	if committed < 2 {
		t.Errorf("it ran %d times", committed)
	}
}

func TestTheDriverReplacesCharacters(t *testing.T) {
	t.Parallel()
	server := oracletest.New(t, oracletest.Config{Charset: oracletest.WE8ISO8859P15, Handle: withClock(0, always(code))})
	if _, err := bare(t, server, nil).ExecContext(t.Context(), "SELECT code FROM t WHERE label = :1", "Ōsaka"); err != nil {
		t.Fatal(err)
	}
	got := server.Statements()
	if bound := got[len(got)-1].Binds()[0]; bound == "Ōsaka" || !strings.HasSuffix(bound.(string), "saka") {
		t.Errorf("bound %q", bound)
	}
}

func TestTheDriverRoundsBinaryFloats(t *testing.T) {
	t.Parallel()
	for served, wrong := range map[float64]float64{0.7: 0.6, 1.5e-7: 0} {
		server := oracletest.New(t, oracletest.Config{Handle: withClock(0, always([]oracletest.Column{{Name: "F", Type: oracletest.BinaryFloat}}, []any{served}))})
		var got float64
		if err := bare(t, server, nil).QueryRowContext(t.Context(), "SELECT f FROM t").Scan(&got); err != nil || got != wrong {
			t.Errorf("%g became %g, %v", served, got, err)
		}
	}
}

func TestTheDriverGivesDatesTheZoneOfToday(t *testing.T) {
	t.Parallel()
	winter := at("2026-01-15 08:00:00")
	server := oracletest.New(t, oracletest.Config{Handle: withClock(7200, always([]oracletest.Column{{Name: "D", Type: oracletest.Date}}, []any{winter}))})
	var got time.Time
	if err := bare(t, server, nil).QueryRowContext(t.Context(), "SELECT d FROM t").Scan(&got); err != nil {
		t.Fatal(err)
	}
	if _, offset := got.Zone(); offset != 7200 || got.Equal(winter) {
		t.Errorf("%s", got)
	}
}
