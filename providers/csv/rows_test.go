package csv

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/filetable"
)

// A file system that says "end" before the file's size is reached, as a network
// share can, is not the end.
func TestEndBeforeTheFileEnds(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x.csv"), []byte("c,d\n1,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	o, err := newOptions(providers.Attributes{"directory": "."})
	if err != nil {
		t.Fatal(err)
	}
	r, err := openTable(t.Context(), root, filetable.NewDirectory(".", dir), o, "x")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if r.scanner.keep != 2 {
		t.Errorf("%d fields of a row are kept, of 2 columns", r.scanner.keep)
	}
	row := make([]value.Value, 2)
	if err := r.Next(row); err != nil {
		t.Fatal(err)
	}
	r.counter.N--
	if err := r.Next(row); errors.Is(err, io.EOF) || err == nil {
		t.Errorf("a file of which a byte is missing: %v", err)
	}
}

type stalled struct{}

func (stalled) Read([]byte) (int, error) { return 0, nil }

func TestScannerStalledReader(t *testing.T) {
	if err := newScanner(stalled{}, []byte{','}, '"', 0, false).next(); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("%v", err)
	}
}

func TestUTF16InPieces(t *testing.T) {
	const want = "aé𝄞€\ufffd"
	src, err := charset{name: "utf-16be", utf16: true, order: binary.BigEndian}.reader(iotest.OneByteReader(strings.NewReader("\xfe\xff\x00a\x00\xe9\xd8\x34\xdd\x1e\x20\xac\xff\xfd")))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(src); err != nil || string(got) != want {
		t.Errorf("%q, %v", got, err)
	}
}
