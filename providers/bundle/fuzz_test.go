package bundle_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/registrar-sync/registrar/providers/bundle"
)

// Whatever two files hold, they are refused with a FormatError, or all that they hold can be read.
func FuzzOpen(f *testing.F) {
	dir := f.TempDir()
	write(f, dir, staff(), sciences())
	manifest, err := os.ReadFile(filepath.Join(dir, "transfer.csv"))
	must(f, err)
	zipped, err := os.ReadFile(filepath.Join(dir, "transfer.zip"))
	must(f, err)
	f.Add(manifest, zipped, false)
	f.Add(manifest, zipped, true)
	f.Add(manifest, zipped[:len(zipped)-30], true)
	f.Add([]byte("Id_Export,Id_Import,Label,Name,Contact,Syncs,Rows,Bundle,SHA256\n"), []byte{}, false)
	f.Fuzz(func(t *testing.T, manifest, zipped []byte, sealed bool) {
		dir := t.TempDir()
		path := filepath.Join(dir, "transfer.csv")
		if sealed { // past the ZIP's digest
			seal(t, dir, manifest, zipped)
		} else {
			must(t, os.WriteFile(path, manifest, 0o600))
			must(t, os.WriteFile(filepath.Join(dir, "transfer.zip"), zipped, 0o600))
		}
		b, err := bundle.Open(t.Context(), path)
		if err != nil {
			if _, ok := errors.AsType[*bundle.FormatError](err); !ok {
				t.Fatalf("the error is no FormatError: %v", err)
			}
			return
		}
		contents(t, b)
		must(t, b.Close())
	})
}
