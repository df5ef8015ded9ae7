package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/sqlite"
)

// instanceOf opens a file and asks which one it is.
func instanceOf(t *testing.T, path string) string {
	t.Helper()
	d, err := sqlite.New().OpenDestination(t.Context(), providers.Attributes{"path": path, "create": true}, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	conn, err := d.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(t.Context(), "CREATE TABLE IF NOT EXISTS t (a INTEGER)"); err != nil {
		t.Fatal(err)
	}
	instance, err := providers.Instance(t.Context(), d, conn)
	if err != nil {
		t.Fatal(err)
	}
	return instance
}

func TestInstance(t *testing.T) {
	dir := t.TempDir()
	path, copied, moved := filepath.Join(dir, "a'b.db"), filepath.Join(dir, "copy.db"), filepath.Join(dir, "moved.db")
	want := instanceOf(t, path)
	if len(want) != 32 || instanceOf(t, path) != want {
		t.Errorf("the file is %q, then %q", want, instanceOf(t, path))
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(copied, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := instanceOf(t, copied); got == want || got == "" {
		t.Errorf("a copy is %q", got)
	}
	if err := os.Rename(path, moved); err != nil {
		t.Fatal(err)
	}
	if got := instanceOf(t, moved); got != want {
		t.Errorf("the renamed file is %q, want %q", got, want)
	}
}
