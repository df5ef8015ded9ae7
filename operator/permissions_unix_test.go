//go:build unix

package operator

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A policy that everybody may write is refused where it is somebody else's. What is the user's own is found so in a
// pipeline's container: a warning.
func TestWorldWritablePolicy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root := filepath.Join(dir, "root")
	if err := os.Mkdir(root, 0o700); err != nil {
		t.Fatal(err)
	}
	path := write(t, filepath.Join(dir, "policies", "policy.hcl"), "")
	for _, one := range []struct {
		at   string
		mode os.FileMode
		open bool
	}{
		{path, 0o644, false},
		{path, 0o646, true},
		{path, 0o600, false},
		{filepath.Dir(path), 0o777, true},
		{filepath.Dir(path), 0o777 | os.ModeSticky, false},
		{filepath.Dir(path), 0o755, false},
	} {
		if err := os.Chmod(one.at, one.mode); err != nil {
			t.Fatal(err)
		}
		if _, err := checkWritable(path, os.Geteuid()+1); (err != nil) != one.open || err != nil && !strings.Contains(err.Error(), "chmod go-w "+one.at) {
			t.Errorf("of another user, %s with %v: %v", one.at, one.mode, err)
		}
		p, err := Load(path, root)
		if err != nil {
			t.Errorf("%s with %v: %v", one.at, one.mode, err)
			continue
		}
		want := ""
		if one.open {
			want = "^: Policy open to others: .*chmod go-w " + one.at + "\n$"
		}
		diags := Restrict(configuration(t, root, nil, "main.hcl", `locals { a = 1 }`), p, Options{})
		expect(t, diags, want)
		if diags.HasErrors() {
			t.Errorf("%s with %v: it is an error", one.at, one.mode)
		}
	}
}
