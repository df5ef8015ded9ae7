package sqlite_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/sqlite"
)

// What was overwritten leaves copies in a file whose pages were split, and in the log: no more once it is compacted.
func TestCompact(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d, err := sqlite.New().OpenDestination(t.Context(), providers.Attributes{"path": "a.db", "create": true, "busy_timeout": "0s"}, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	conn, err := d.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, statement := range []string{
		"CREATE TABLE t (k TEXT PRIMARY KEY, v TEXT) WITHOUT ROWID",
		"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO t SELECT hex(i * 7919 % 20011), 'MARK' || hex(zeroblob(i % 50)) FROM n",
		"PRAGMA secure_delete = ON",
		"UPDATE t SET v = 'r'",
	} {
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	marks := func(names ...string) (n int) {
		for _, name := range names {
			octets, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
			n += bytes.Count(octets, []byte("MARK"))
		}
		return n
	}
	reader, err := d.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if _, err := reader.ExecContext(t.Context(), "BEGIN; SELECT count(*) FROM t"); err != nil {
		t.Fatal(err)
	}
	if err := providers.Compact(t.Context(), d, conn); !errors.Is(err, providers.ErrLocked) {
		t.Errorf("while another reads: %v", err)
	}
	if _, err := reader.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	tx, err := d.Begin(t.Context(), reader, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if err := providers.Compact(t.Context(), d, conn); !errors.Is(err, providers.ErrLocked) || !strings.Contains(err.Error(), "VACUUM") {
		t.Errorf("while another writes: %v", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if marks("a.db", "a.db-wal") == 0 {
		t.Fatal("nothing was left behind")
	}
	if err := providers.Compact(t.Context(), d, conn); err != nil {
		t.Error(err)
	}
	if n := marks("a.db", "a.db-wal"); n > 0 {
		t.Errorf("%d are left", n)
	}
}
