package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const (
	sqliteNow  = "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')"
	sqliteSoon = "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now', '+2 seconds')"
)

// openSQLite opens a file and makes it and its tables where they are missing. Nobody else
// may read it: it says what is wrong with people's registers.
func openSQLite(ctx context.Context, path string) (_ *sql.DB, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the service's state: %w", err)
	}
	if err := makePrivate(path); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", sqliteURI(path, url.Values{
		"_txlock": {"immediate"},
		"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)"},
	}))
	if err != nil {
		return nil, fmt.Errorf("open the service's state %s: %w", path, err)
	}
	// One after another, they wait in the order in which they came and not for SQLite's lock.
	db.SetMaxOpenConns(1)
	defer func() {
		if err != nil {
			err = fmt.Errorf("open the service's state %s: %w", path, errors.Join(err, db.Close()))
		}
	}()
	tx, err := db.BeginTx(ctx, nil)
	// SQLite does not wait where two make a new file's journal a WAL at once.
	for try := 0; isBusy(err) && try < 100 && wait(50*time.Millisecond, ctx.Done()); try++ {
		tx, err = db.BeginTx(ctx, nil)
	}
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	var tables, versions int
	if err := tx.QueryRowContext(ctx, "SELECT count(*), count(*) FILTER (WHERE name = 'version') FROM sqlite_schema WHERE type = 'table'").Scan(&tables, &versions); err != nil {
		return nil, err
	}
	if tables > 0 && versions == 0 {
		return nil, errors.New("this is an SQLite file of something else")
	}
	spelling := strings.NewReplacer("{text}", "text", "{instant}", "text", "{json}", "text", "{identity}", "integer PRIMARY KEY")
	if err := migrate(ctx, tx, spelling, versions == 1); err != nil {
		return nil, err
	}
	return db, tx.Commit()
}

// makePrivate makes a file where there is none, for its owner only. SQLite gives the files beside it the same mode.
func makePrivate(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open the service's state: %w", err)
	}
	return file.Close()
}

// sqliteURI names a file for SQLite, whatever characters are in its path.
func sqliteURI(path string, query url.Values) string {
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/…
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}).String()
}

// isBusy reports whether another process, or another connection, has the lock.
func isBusy(err error) bool {
	failure, ok := errors.AsType[*sqlite.Error](err)
	return ok && failure.Code()&0xff == sqlite3.SQLITE_BUSY
}
