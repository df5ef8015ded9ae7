// Package mysqltest gives tests a real MariaDB: each call of [New] returns a
// fresh, empty database on a server which the package starts by itself, once
// per test process, the first time that it is asked for one.
//
// The server is private to the process. It is reachable on 127.0.0.1 only,
// with a random password, with TLS and without, and never outlives the process,
// however that ends. Its settings are hostile on purpose: its clocks show
// central European time, with summer time; "…" is a name and \ a character; it cuts results
// after 1000 rows and group_concat after 1024 octets; it pads what is CHAR; its collations
// know neither case nor accents, and differ from those that a connection begins with; its messages are French.
// Code that forgets to fix its session's settings, or to compare octets where it means
// octets, fails here instead of in a university.
//
// Two variables of the environment change what happens:
//
//   - TEST_MYSQL_DSN names a server to use instead, MariaDB or MySQL, as
//     user:password@tcp(host:port)/, whose user may create databases. It is how another
//     version is tested. What its settings are is not changed.
//   - REGISTRAR_TEST_REQUIRE, a list separated by commas, makes a missing
//     server an error where it holds "mariadb". Without it the test is
//     skipped, so that a machine without MariaDB can still run the others.
//
// Only tests may import this package.
package mysqltest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
)

const (
	envDSN     = "TEST_MYSQL_DSN"
	envRequire = "REGISTRAR_TEST_REQUIRE"
)

// stageSuffix ends the name of the database that registrar init makes beside that of the test.
const stageSuffix = "_registrar_stage"

// adminTimeout bounds what the package itself asks of a server: to create a
// database or to drop it.
const adminTimeout = time.Minute

// errNoServer says that this machine has no MariaDB to
// start: the one reason for which a test may be skipped.
var errNoServer = errors.New("no MariaDB server on this machine")

// Database is a database and how to reach it.
type Database struct {
	Host     string
	Port     int
	Name     string
	User     string
	Password string
	// CA is a file with the certificate, in PEM, of the authority that vouches for the server as
	// 127.0.0.1; "" where TEST_MYSQL_DSN names the server.
	CA string
}

// Config is the driver's configuration for a connection to the database, unencrypted.
func (d Database) Config() *mysql.Config {
	config := mysql.NewConfig()
	config.Net, config.Addr = "tcp", net.JoinHostPort(d.Host, strconv.Itoa(d.Port))
	config.User, config.Passwd, config.DBName = d.User, d.Password, d.Name
	config.Logger = &mysql.NopLogger{} // tests break connections on purpose
	return config
}

// As returns the database as another user reaches it. The user must exist: users belong to the
// server, not to a database, so a test that creates one names it uniquely and drops it.
func (d Database) As(user, password string) Database {
	d.User, d.Password = user, password
	return d
}

// Open returns a pool of connections to the database that ends with the test.
func (d Database) Open(t testing.TB) *sql.DB {
	t.Helper()
	db, err := open(d)
	if err != nil {
		t.Fatalf("mysqltest: %v", err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func open(d Database) (*sql.DB, error) {
	connector, err := mysql.NewConnector(d.Config())
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// server is a running MariaDB or MySQL.
type server struct {
	// admin has a user who may create databases, and no name.
	admin Database

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
	given := os.Getenv(envDSN)
	if given == "" {
		return startServer()
	}
	// The value may hold a password: say its name only.
	wrong := fmt.Errorf("%s is not of the form user:password@tcp(host:port)/", envDSN)
	config, err := mysql.ParseDSN(given)
	if err != nil || config.Net != "tcp" {
		return nil, wrong
	}
	host, port, err := net.SplitHostPort(config.Addr)
	if err != nil {
		return nil, wrong
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, wrong
	}
	return &server{admin: Database{Host: host, Port: number, User: config.User, Password: config.Passwd}}, nil
})

// New returns an empty database that is the test's own, and drops
// it when the test and its subtests are over, with the connections that are
// still open. Its user may do everything, unless TEST_MYSQL_DSN names another.
func New(t testing.TB) Database {
	t.Helper()
	shared, err := sharedServer()
	switch {
	case errors.Is(err, errNoServer) && required():
		t.Fatalf("mysqltest: %v, and %s demands one; scripts/install-engines installs it", err, envRequire)
	case errors.Is(err, errNoServer):
		t.Skipf("mysqltest: %v; scripts/install-engines installs it", err)
	case err != nil:
		t.Fatalf("mysqltest: %v", err)
	}

	database := shared.admin
	database.Name = "registrar_test_" + randomHex()
	if err := shared.withAdmin(func(ctx context.Context, db *sql.DB) error {
		// Said again here for servers that were not started by this package.
		_, err := db.ExecContext(ctx, "CREATE DATABASE "+database.Name+" CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
		return err
	}); err != nil {
		t.Fatalf("mysqltest: creating a database: %v", err)
	}
	t.Cleanup(func() {
		for _, name := range []string{database.Name, database.Name + stageSuffix} {
			if err := shared.withAdmin(func(ctx context.Context, db *sql.DB) error { return drop(ctx, db, name) }); err != nil {
				t.Errorf("mysqltest: dropping the database of the test: %v", err)
			}
		}
	})
	return database
}

// drop ends the connections to a database first: a transaction that is still open
// would keep its tables from being dropped.
func drop(ctx context.Context, db *sql.DB, name string) error {
	rows, err := db.QueryContext(ctx, "SELECT id FROM information_schema.processlist WHERE db = ?", name)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return err
		}
		// It may have ended by itself.
		_, _ = db.ExecContext(ctx, fmt.Sprint("KILL ", id))
	}
	if err := rows.Err(); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "DROP DATABASE IF EXISTS "+name)
	return err
}

// withAdmin calls f with connections of the server's administrator.
func (s *server) withAdmin(f func(context.Context, *sql.DB) error) error {
	// Not the test's own context: that one is over before the cleanups run.
	ctx, cancel := context.WithTimeout(context.Background(), adminTimeout)
	defer cancel()
	db, err := open(s.admin)
	if err != nil {
		return err
	}
	return errors.Join(f(ctx, db), db.Close())
}

// required reports whether a missing server must fail the tests.
func required() bool {
	engines := strings.FieldsFunc(os.Getenv(envRequire), func(r rune) bool { return r == ',' || r == ' ' })
	return slices.Contains(engines, "mariadb")
}

// randomHex returns 16 hexadecimal digits that nobody can guess.
func randomHex() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // documented never to fail
	return hex.EncodeToString(b[:])
}
