package bundle_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pack writes a ZIP and a manifest whose digest is that of it.
func pack(t testing.TB, dir string, manifest []byte, build func(*zip.Writer)) string {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	build(w)
	must(t, w.Close())
	return seal(t, dir, manifest, out.Bytes())
}

// seal writes both files, the manifest with the ZIP's digest instead of the one in it.
func seal(t testing.TB, dir string, manifest, zipped []byte) string {
	t.Helper()
	must(t, os.WriteFile(filepath.Join(dir, "transfer.zip"), zipped, 0o600))
	sum := sha256.Sum256(zipped)
	lines := strings.Split(string(manifest), "\r\n")
	for i, line := range lines[1:] {
		if at := strings.LastIndexByte(line, ';'); at >= 0 {
			lines[i+1] = line[:at+1] + hex.EncodeToString(sum[:])
		}
	}
	path := filepath.Join(dir, "transfer.csv")
	must(t, os.WriteFile(path, []byte(strings.Join(lines, "\r\n")), 0o600))
	return path
}
