package sqlite

import (
	"path/filepath"
	"testing"

	"github.com/registrar-sync/registrar/providers"
)

// A file that another connection has locked, and one that is not there, may be free, or there, later.
func TestTransient(t *testing.T) {
	known := []providers.Provider{New()}
	dir := t.TempDir()
	attributes := providers.Attributes{"path": filepath.Join(dir, "d.db"), "create": true, "busy_timeout": "0s"}
	d, err := New().OpenDestination(t.Context(), attributes, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	one, err := d.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	tx, err := d.Begin(t.Context(), one, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	other, err := d.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	_, err = other.ExecContext(t.Context(), "CREATE TABLE a (b)")
	if !New().Transient(err) || !providers.Transient(known, providers.SafeError(d, err)) {
		t.Errorf("%v is not transient", err)
	}
	if _, err = other.ExecContext(t.Context(), "SELECT * FROM absent"); err == nil || providers.Transient(known, err) {
		t.Errorf("%v is transient", err)
	}
	_, err = New().OpenSource(t.Context(), providers.Attributes{"path": "absent.db"}, dir)
	if !providers.Transient(known, err) {
		t.Errorf("%v is not transient", err)
	}
}
