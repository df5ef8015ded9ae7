package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "plan.json")
	for _, test := range []struct {
		content string
		mode    fs.FileMode
	}{
		{"first, and longer than what follows", 0o600},
		{"second", 0o666}, // wider than any usual umask leaves
		{"", 0o640},
	} {
		if err := Write(path, []byte(test.content), test.mode); err != nil {
			t.Fatal(err)
		}
		want(t, path, test.content)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if runtime.GOOS != "windows" && info.Mode().Perm() != test.mode {
			t.Errorf("mode %v, expected %v", info.Mode().Perm(), test.mode)
		}
		alone(t, dir, "plan.json")
	}
}

func TestFailureKeepsTheOldFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "plan.json")
	if err := Write(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	full := errors.New("the disk is full")
	err := replace(path, 0o644, func(temp *os.File) error {
		if _, err := temp.WriteString("ne"); err != nil {
			t.Fatal(err)
		}
		want(t, path, "old")
		return full
	})
	if !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
	want(t, path, "old")
	alone(t, dir, "plan.json")

	// What cannot be replaced stays, too.
	folder := filepath.Join(dir, "folder")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Write(filepath.Join(folder, "inside"), []byte("inside"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Write(folder, []byte("new"), 0o600); err == nil {
		t.Error("a folder was replaced")
	}
	want(t, filepath.Join(folder, "inside"), "inside")
	alone(t, dir, "folder", "plan.json")

	if err := Write(filepath.Join(dir, "missing", "plan.json"), nil, 0o600); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

func want(t *testing.T, path, content string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != content {
		t.Errorf("%s holds %q, expected %q", path, got, content)
	}
}

// alone fails the test if dir holds anything but names, such as a temporary file.
func alone(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for i, entry := range entries {
		if i >= len(names) || entry.Name() != names[i] {
			t.Errorf("%s was left in the folder, expected only %q", entry.Name(), names)
		}
	}
}
