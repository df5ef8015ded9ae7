// Package pgtest gives tests a real PostgreSQL: each call of [New] returns a
// fresh, empty database on a server which the package starts by itself, once
// per test process, the first time that it is asked for one.
//
// The server is private to the process. It is reachable on 127.0.0.1 only,
// with a random password, and never outlives the process, however that ends.
// Its settings are hostile on purpose: its time zone is Europe/Paris, its
// dates read DAY/MONTH, and it sorts text as a French dictionary does. Code
// that forgets to fix its session's settings, or to say COLLATE "C" where it
// means the order of bytes, fails here instead of in a university.
//
// Two variables of the environment change what happens:
//
//   - TEST_POSTGRES_URL names a server to use instead, as an URL whose user
//     may create databases. It is how another version is tested.
//   - REGISTRAR_TEST_REQUIRE, a list separated by commas, makes a missing
//     server an error where it holds "postgres". Without it the test is
//     skipped, so that a machine without PostgreSQL can still run the others.
//
// Only tests may import this package, and the benchmark, which is no part of
// what is shipped either: see [Start].
package pgtest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	envURL     = "TEST_POSTGRES_URL"
	envRequire = "REGISTRAR_TEST_REQUIRE"
)

// adminTimeout bounds what the package itself asks of a server: to create a
// database or to drop it.
const adminTimeout = time.Minute

// errNoServer says that this machine has no PostgreSQL to
// start: the one reason for which a test may be skipped.
var errNoServer = errors.New("no PostgreSQL server on this machine")

// server is a running PostgreSQL.
type server struct {
	// url names a user who may create databases, and one that is not to be
	// written to.
	url *url.URL

	// lifeline is the end of a pipe which is never written to after the start.
	// The server ends when this process does, for that closes the pipe. Never
	// close it, nor lose it: the garbage collector would close it. Nil for a
	// server that was not started here.
	lifeline *os.File
}

// sharedServer returns the server that all the tests of this process share;
// the first call starts it.
//
//nolint:gochecknoglobals // it is the process's, and ends with the process
var sharedServer = sync.OnceValues(func() (*server, error) {
	given := os.Getenv(envURL)
	if given == "" {
		return privateServer()
	}
	u, err := url.Parse(given)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		// The value may hold a password: say its name only.
		return nil, fmt.Errorf("%s is not an URL of the form postgres://user:password@host:port/database", envURL)
	}
	return &server{url: u}, nil
})

// Start gives a program that is no test the process's private server, which
// ends with the process at the latest, and returns the URL of its database
// postgres, whose user is a superuser. Later calls return the same.
//
// TEST_POSTGRES_URL is not heeded: whoever asks for a private server may change
// its settings.
func Start() (string, error) {
	private, err := privateServer()
	if err != nil {
		return "", err
	}
	return private.url.String(), nil
}

// privateServer starts a server at its first call.
//
//nolint:gochecknoglobals // it is the process's, and ends with the process
var privateServer = sync.OnceValues(startServer)

// New returns the URL of an empty database that is the test's own, and drops
// it when the test and its subtests are over, with the connections that are
// still open. Its user is a superuser, unless TEST_POSTGRES_URL names another.
func New(t testing.TB) string {
	t.Helper()
	shared, err := sharedServer()
	switch {
	case errors.Is(err, errNoServer) && required():
		t.Fatalf("pgtest: %v, and %s demands one; scripts/install-engines installs it", err, envRequire)
	case errors.Is(err, errNoServer):
		t.Skipf("pgtest: %v; scripts/install-engines installs it", err)
	case err != nil:
		t.Fatalf("pgtest: %v", err)
	}

	name := "registrar_test_" + randomHex()
	quoted := pgx.Identifier{name}.Sanitize()
	// template0, because nobody can be connected to it: template1 cannot be
	// copied while another test looks at it.
	if err := shared.exec(
		"CREATE DATABASE "+quoted+" TEMPLATE template0",
		// Said again here for servers that were not started by this package.
		"ALTER DATABASE "+quoted+" SET TimeZone = 'Europe/Paris'",
		"ALTER DATABASE "+quoted+" SET DateStyle = 'SQL, DMY'",
	); err != nil {
		t.Fatalf("pgtest: creating a database: %v", err)
	}
	t.Cleanup(func() {
		if err := shared.exec("DROP DATABASE IF EXISTS " + quoted + " WITH (FORCE)"); err != nil {
			t.Errorf("pgtest: dropping the database of the test: %v", err)
		}
	})

	own := *shared.url
	own.Path = "/" + name
	query := own.Query()
	query.Del("dbname") // it would win over the path
	own.RawQuery = query.Encode()
	return own.String()
}

// URLAs returns databaseURL with another user. The role must exist: roles
// belong to the server, not to a database, so a test that creates one names
// it uniquely and drops it. An empty password is left out.
func URLAs(t testing.TB, databaseURL, user, password string) string {
	t.Helper()
	u, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal("pgtest: URLAs was given what is not an URL") // which may hold a password
	}
	u.User = url.User(user)
	if password != "" {
		u.User = url.UserPassword(user, password)
	}
	return u.String()
}

// exec runs statements one by one, each in a transaction of its own, as CREATE
// DATABASE and DROP DATABASE demand.
func (s *server) exec(statements ...string) (err error) {
	// Not the test's own context: that one is over before the cleanups run.
	ctx, cancel := context.WithTimeout(context.Background(), adminTimeout)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.url.String())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// required reports whether a missing server must fail the tests.
func required() bool {
	engines := strings.FieldsFunc(os.Getenv(envRequire), func(r rune) bool { return r == ',' || r == ' ' })
	return slices.Contains(engines, "postgres")
}

// randomHex returns 16 hexadecimal digits that nobody can guess.
func randomHex() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // documented never to fail
	return hex.EncodeToString(b[:])
}
