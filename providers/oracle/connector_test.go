package oracle

import (
	"context"
	"database/sql/driver"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sijms/go-ora/v2/network"

	"github.com/registrar-sync/registrar/internal/oracletest"
)

// By itself the driver would have it committed with the answer, and database/sql would run it again.
func TestAStatementOverALinkThatDropsIsRunOnce(t *testing.T) {
	t.Parallel()
	server := oracletest.New(t, oracletest.Config{Handle: func(oracletest.Statement) oracletest.Result {
		return oracletest.Result{Affected: 1, DropAtClose: true}
	}})
	s := &settings{
		host: "127.0.0.1", port: server.Port(), service: "XEPDB1", user: "scott", password: "tiger",
		connectTimeout: 10 * time.Second, readTimeout: 10 * time.Second, prefetchRows: defaultPrefetchRows,
	}
	for text, run := range map[string]func(context.Context, string) error{
		"INSERT INTO pool VALUES (1)": func(ctx context.Context, text string) error {
			link := s.open()
			defer link.DB.Close()
			_, err := link.DB.ExecContext(ctx, text)
			return err
		},
		"INSERT INTO conn VALUES (1)": func(ctx context.Context, text string) error {
			link := s.open()
			defer link.DB.Close()
			conn, err := link.DB.Conn(ctx)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			_, err = conn.ExecContext(ctx, text)
			return err
		},
	} {
		if err := run(t.Context(), text); err == nil {
			t.Errorf("%s: no error", text)
		}
		runs := 0
		for _, got := range server.Statements() {
			if got.SQL == text {
				runs++
			}
			if got.AutoCommit {
				t.Errorf("%s: the driver asked for a commit", got.SQL)
			}
		}
		if runs != 1 {
			t.Errorf("%s was run %d times", text, runs)
		}
	}
}

// Nobody waits for an answer to the farewell over a link that is not well; what the server refuses, it has answered.
func TestTheLineIsCutAfterWhatIsNotTheServersWord(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		cuts int
	}{{nil, 0}, {&network.OracleError{ErrCode: 942, ErrMsg: "ORA-00942: table or view does not exist"}, 0}, {driver.ErrBadConn, 1}, {errors.New("unexpected octet"), 1}} {
		cuts := 0
		err := (&session{drop: func() { cuts++ }}).failed("SELECT 1 FROM t", c.err)
		if cuts != c.cuts || (err == nil) != (c.err == nil) {
			t.Errorf("%v: cut %d times, %v", c.err, cuts, err)
		}
	}
}

func TestThePasswordIsNotSpeltByWhatIsMissing(t *testing.T) {
	t.Parallel()
	err := (&settings{host: "h", password: "e"}).connectError(errors.New("some text of the driver's"))
	if !strings.HasPrefix(err.Error(), "connect: the message is not shown") {
		t.Error(err)
	}
}
