package postgres

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/registrar-sync/registrar/providers"
)

func TestTransient(t *testing.T) {
	for code, want := range map[string]bool{
		"08006": true, "57P01": true, "57P03": true, "53300": true, "40001": true, "40P01": true, "55P03": true, "57014": true, "25P03": true,
		"28P01": false, "3D000": false, "42P01": false, "23505": false, "22P02": false, "P0001": false, "53100": false,
	} {
		server := &pgconn.PgError{Code: code, Message: "m"}
		for _, err := range []error{server, safeError(fmt.Errorf("read: %w", server)), (&settings{}).connectError(server)} {
			if got := providers.Transient([]providers.Provider{New()}, err); got != want {
				t.Errorf("%s as %T: Transient is %v, want %v", code, err, got, want)
			}
		}
	}
}

// A server that does not answer is worded without what the driver said, but known as what it is.
func TestTransientConnect(t *testing.T) {
	source, err := New().OpenSource(t.Context(), providers.Attributes{"url": "postgres://u:secret@127.0.0.1:1/db?sslmode=disable"}, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	if _, err = source.Snapshot(t.Context()); !providers.Transient([]providers.Provider{New()}, err) {
		t.Errorf("%v is not transient", err)
	}
}
