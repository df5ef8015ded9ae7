package main

import (
	"crypto/rand"
	"database/sql"
	"net/url"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/registrar-sync/registrar/internal/pgtest"
)

// TestDoctorScripts runs testdata/doctor, where $PG is the URL of an empty database, $HOST, $PORT
// and $DATABASE are its parts, and $ROLE is a role that may do nothing, whose password is
// "MARKER-password".
func TestDoctorScripts(t *testing.T) {
	t.Parallel()
	text := pgtest.New(t)
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal("the database's URL cannot be read") // it holds a password
	}
	role := "doctor_" + strings.ToLower(rand.Text())
	db, err := sql.Open("pgx", text)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "CREATE ROLE "+role+" LOGIN PASSWORD 'MARKER-password'"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.Exec("DROP OWNED BY " + role + "; DROP ROLE " + role); err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	testscript.Run(t, scripts(t, "testdata/doctor", map[string]string{
		"PG": text, "HOST": u.Hostname(), "PORT": u.Port(), "DATABASE": strings.TrimPrefix(u.Path, "/"), "ROLE": role,
	}))
}
