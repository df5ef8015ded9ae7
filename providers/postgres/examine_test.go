package postgres_test

import (
	"crypto/rand"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/registrar-sync/registrar/internal/pgtest"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/postgres"
)

// partsOf spells a URL as attributes, so that the role is no secret.
func partsOf(t testing.TB, text string) providers.Attributes {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.ParseInt(u.Port(), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	return providers.Attributes{
		"host": u.Hostname(), "port": port, "database": strings.TrimPrefix(u.Path, "/"), "user": u.User.Username(), "password": password,
	}
}

func openSource(t testing.TB, attributes providers.Attributes) providers.Source {
	t.Helper()
	s, err := postgres.New().OpenSource(t.Context(), attributes, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func openBy(t testing.TB, attributes providers.Attributes) providers.Destination {
	t.Helper()
	d, err := postgres.New().OpenDestination(t.Context(), attributes, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func examine(t testing.TB, of any) []providers.Finding {
	t.Helper()
	found, err := of.(providers.Examiner).Examine(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// expectFinding looks for the one finding about a subject.
func expectFinding(t testing.TB, findings []providers.Finding, want providers.Finding) {
	t.Helper()
	var found []providers.Finding
	for _, f := range findings {
		if f.Subject == want.Subject {
			found = append(found, f)
		}
	}
	if diff := cmp.Diff([]providers.Finding{want}, found); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestExamine(t *testing.T) {
	text := pgtest.New(t)
	source, destination := openSource(t, providers.Attributes{"url": text}), openBy(t, providers.Attributes{"url": text})
	version := one(t, connect(t, destination), "SHOW server_version")
	for _, findings := range [][]providers.Finding{examine(t, source), examine(t, destination)} {
		for _, want := range []providers.Finding{
			{Subject: "version", State: providers.FindingOK, Found: "PostgreSQL " + version},
			{Subject: "tls", State: providers.FindingOK, Found: "none, and none needed: the server is on this machine"},
			{Subject: "charset", State: providers.FindingOK, Found: "UTF8"},
			{Subject: "time zone", State: providers.FindingOK, Found: "UTC in registrar's sessions"},
		} {
			expectFinding(t, findings, want)
		}
	}
	expectFinding(t, examine(t, source), providers.Finding{Subject: "snapshot", State: providers.FindingOK, Found: "repeatable read, read only"})
	for _, of := range []any{source, destination} {
		now, err := of.(providers.ClockReader).ServerTime(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if off := time.Since(now); off < -time.Minute || off > time.Minute { // the very same clock
			t.Errorf("the server's clock is off by %s", off)
		}
	}
}

// TestExamineCharset: a destination cannot hold what its charset lacks, a source needs only to be
// understood.
func TestExamineCharset(t *testing.T) {
	base := pgtest.New(t)
	beside := connectPgx(t, base)
	locale := "LOCALE 'C'"
	var chooses bool
	if err := beside.QueryRow(t.Context(), "SELECT current_setting('server_version_num')::int >= 150000").Scan(&chooses); err != nil {
		t.Fatal(err)
	}
	if chooses { // ICU, which may be the default, has no SQL_ASCII
		locale += " LOCALE_PROVIDER libc"
	}
	for encoding, want := range map[string]struct{ source, destination providers.FindingState }{
		"LATIN1":    {providers.FindingOK, providers.FindingWarning},
		"SQL_ASCII": {providers.FindingWarning, providers.FindingWarning},
	} {
		t.Run(encoding, func(t *testing.T) {
			name := "registrar_test_" + strings.ToLower(rand.Text())
			execute(t, beside, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING '"+encoding+"' "+locale)
			attributes := partsOf(t, base)
			attributes["database"] = name
			t.Cleanup(func() {
				if _, err := beside.Exec(background(t), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
					t.Error(err)
				}
			})
			for _, test := range []struct {
				of   any
				want providers.FindingState
			}{{openSource(t, attributes), want.source}, {openBy(t, attributes), want.destination}} {
				findings := examine(t, test.of)
				at := slices.IndexFunc(findings, func(f providers.Finding) bool { return f.Subject == "charset" })
				if at < 0 {
					t.Fatalf("%T: nothing about the charset", test.of)
				}
				if f := findings[at]; f.State != test.want || !strings.HasPrefix(f.Found, encoding) || (f.Remedy == "") != (f.State == providers.FindingOK) {
					t.Errorf("%T: %+v, expected %s", test.of, f, test.want)
				}
			}
		})
	}
}

func TestExamineReadOnly(t *testing.T) {
	f := newFixture(t)
	role, _ := roles(t, f.beside)
	quoted := pgx.Identifier{role}.Sanitize()
	execute(t, f.beside, "ALTER ROLE "+quoted+" SET default_transaction_read_only = on")
	d := openBy(t, partsOf(t, pgtest.URLAs(t, f.url, role, "invented")))
	expectFinding(t, examine(t, d), providers.Finding{
		Subject: "writing", State: providers.FindingProblem, Found: "transactions are read only unless told otherwise",
		Remedy: "ALTER ROLE " + quoted + " SET default_transaction_read_only = off;",
	})
}

func TestAdvice(t *testing.T) {
	if advice := postgres.New().Advice(&postgres.Error{Code: "53300"}); !strings.Contains(advice, "CONNECTION LIMIT") {
		t.Errorf("%q where there are too many connections", advice)
	}
	base := pgtest.New(t)
	wrong := partsOf(t, base)
	wrong["password"] = "not it"
	missing := partsOf(t, base)
	missing["database"] = "nosuch"
	closed := partsOf(t, base)
	closed["port"] = int64(1)
	plain := partsOf(t, base)
	plain["sslmode"] = "require"
	nofile := partsOf(t, base)
	nofile["sslmode"], nofile["sslrootcert"] = "verify-full", "nosuch.pem"
	for name, test := range map[string]struct {
		attributes providers.Attributes
		want       string
	}{
		"password": {wrong, "check user and password"}, "database": {missing, "check the name of the database"}, "port": {closed, "check host and port"},
		"no tls": {plain, "ssl = on"}, "no file": {nofile, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := postgres.New().OpenDestination(t.Context(), test.attributes, t.TempDir())
			expectSilent(t, err, "not it")
			advice := postgres.New().Advice(err)
			if !strings.Contains(advice, test.want) || test.want == "" && advice != "" {
				t.Errorf("%q for: %v", advice, err)
			}
		})
	}
}
