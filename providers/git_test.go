package providers_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/registrar-sync/registrar/providers"
)

// A file of git's own is known by whichever way is taken to it; the folders above the root do not count.
func TestLeadsIntoGit(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), ".git", "checkout")
	for _, name := range []string{".git/config", "data/rooms.csv", "deep/er/x"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for at, to := range map[string]string{
		"config.csv": ".git/config", "origin": ".git", "deep/er/up.csv": "../../config.csv", "current.csv": "data/../data/rooms.csv",
		"round": "round", "deep/data": "../data", "absolute": filepath.Join(dir, "data"),
	} {
		if err := os.Symlink(to, filepath.Join(dir, at)); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := root.Close(); err != nil {
			t.Error(err)
		}
	}()
	for name, want := range map[string]bool{
		"data/rooms.csv": false, "./data//rooms.csv": false, "current.csv": false, "deep/data/rooms.csv": false, "deep/../data/rooms.csv": false,
		".git/config": true, ".GIT/config": true, "config.csv": true, "origin/config": true, "deep/er/up.csv": true, "data/../.git/config": true,
		"deep/data/../.git/config": true, "round": true, "missing": true, "../checkout/data/rooms.csv": true, "absolute/rooms.csv": true,
	} {
		if got := providers.LeadsIntoGit(root, filepath.FromSlash(name)); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}
