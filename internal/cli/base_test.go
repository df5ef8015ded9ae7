package cli

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// checkout is a git checkout for tests.
type checkout struct {
	t   *testing.T
	dir string
}

func (c checkout) git(input string, args ...string) string {
	c.t.Helper()
	git := exec.CommandContext(c.t.Context(), "git", append([]string{"-C", c.dir, "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "core.symlinks=true"}, args...)...)
	git.Stdin = strings.NewReader(input)
	out, err := git.Output()
	if err != nil {
		c.t.Fatalf("git %v: %v", args, err)
	}
	return strings.TrimSpace(string(out))
}

func (c checkout) commitOf(tree string) string {
	c.t.Helper()
	return c.git("", "commit-tree", "-m", "x", tree)
}

// tree writes a tree object as it is given, which git's own commands would refuse to make.
func (c checkout) tree(entries ...string) string {
	c.t.Helper()
	var raw bytes.Buffer
	for _, one := range entries {
		fields := strings.Split(one, " ") // mode, name, object
		raw.WriteString(fields[0] + " " + fields[1] + "\x00")
		for i := 0; i < len(fields[2]); i += 2 {
			raw.WriteByte(unhex(fields[2][i])<<4 | unhex(fields[2][i+1]))
		}
	}
	return c.git(raw.String(), "hash-object", "-t", "tree", "-w", "--stdin", "--literally")
}

func unhex(c byte) byte {
	if c >= 'a' {
		return c - 'a' + 10
	}
	return c - '0'
}

func newCheckout(t *testing.T) (checkout, *app) {
	t.Helper()
	c := newConsole(t)
	at := checkout{t, c.Dir}
	at.git("", "init", "-q", "-b", "main")
	return at, &app{env: c.Environment}
}

func TestCheckOut(t *testing.T) {
	at, a := newCheckout(t)
	conf := filepath.Join(at.dir, "conf")
	for name, text := range map[string]string{
		"outside.hcl": "x", "conf/main.hcl": "one\r\n", "conf/sql/deep/q.sql": "SELECT 1", "conf/.gitattributes": "*.hcl ident export-ignore\n", "conf/empty.hcl": "",
	} {
		path := filepath.Join(at.dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	at.git("", "-c", "core.autocrlf=false", "add", "-A")
	at.git("", "commit", "-q", "-m", "x")
	if err := os.WriteFile(filepath.Join(conf, "main.hcl"), []byte("changed"), 0o600); err != nil {
		t.Fatal(err)
	}
	a.env.Dir = conf
	commit, err := a.resolve(t.Context(), "main")
	if err != nil {
		t.Fatal(err)
	}
	into := t.TempDir()
	if err := a.checkOut(t.Context(), commit, into); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"main.hcl": "one\r\n", "sql/deep/q.sql": "SELECT 1", "empty.hcl": ""} {
		got, err := os.ReadFile(filepath.Join(into, filepath.FromSlash(name)))
		if err != nil || string(got) != want {
			t.Errorf("%s holds %q, %v; want %q", name, got, err, want)
		}
	}
	for _, name := range []string{"outside.hcl", "conf"} {
		if _, err := os.Lstat(filepath.Join(into, name)); err == nil {
			t.Errorf("%s is of another directory", name)
		}
	}
}

// A tree can be made by hand: what it names is never written elsewhere.
func TestCheckOutOfAHostileTree(t *testing.T) {
	at, a := newCheckout(t)
	outside := t.TempDir()
	blob := at.git("text", "hash-object", "-w", "--stdin")
	link := at.git(outside, "hash-object", "-w", "--stdin")
	for name, tree := range map[string]string{
		"a link and a directory of one name": at.tree("120000 escape "+link, "40000 escape "+at.tree("100644 owned "+blob)),
		"a name that leads up":               at.tree("40000 .. " + at.tree("100644 owned "+blob)),
		"a name twice":                       at.tree("100644 owned "+blob, "100644 owned "+blob),
		"a name with slashes":                at.tree("100644 ../../owned " + blob),
		"an object that is not there":        at.tree("100644 owned " + strings.Repeat("ab", 20)),
	} {
		t.Run(name, func(t *testing.T) {
			into := filepath.Join(t.TempDir(), "a", "b")
			if err := os.MkdirAll(into, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := a.checkOut(t.Context(), at.commitOf(tree), into); err == nil {
				t.Error("it is taken")
			}
			for _, dir := range []string{outside, filepath.Dir(into), filepath.Dir(filepath.Dir(into))} {
				if _, err := os.Lstat(filepath.Join(dir, "owned")); err == nil {
					t.Errorf("something was written into %s", dir)
				}
			}
		})
	}
}

// A link that leads out of the directory is written as it is; compiling does not follow it.
func TestCompareBaseWithALink(t *testing.T) {
	at, a := newCheckout(t)
	secret := filepath.Join(t.TempDir(), "secret.hcl")
	if err := os.WriteFile(secret, []byte("locals { stolen = 1 }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tree := at.tree("100644 main.hcl "+at.git("locals { kept = 1 }\n", "hash-object", "-w", "--stdin"), "120000 more.hcl "+at.git(secret, "hash-object", "-w", "--stdin"))
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	t.Setenv("TMP", temporary)
	b, err := a.compareBase(t.Context(), at.commitOf(tree), at.dir)
	if err != nil {
		t.Fatal(err)
	}
	if b.unavailable == "" || !strings.Contains(b.unavailable, "does not compile here") {
		t.Errorf("a link out of the directory gives %+v", b)
	}
	left, err := os.ReadDir(temporary)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// Where a link cannot be made, as an empty one nowhere can and none on many a Windows, there is nothing to compare with.
func TestCompareBaseWithALinkThatCannotBeMade(t *testing.T) {
	at, a := newCheckout(t)
	tree := at.tree("100644 main.hcl "+at.git("locals { kept = 1 }\n", "hash-object", "-w", "--stdin"), "120000 more.hcl "+at.git("", "hash-object", "-w", "--stdin"))
	b, err := a.compareBase(t.Context(), at.commitOf(tree), at.dir)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.unavailable, `the symbolic link "more.hcl" cannot be made`) || strings.Contains(b.unavailable, os.TempDir()) {
		t.Errorf("it gives %+v", b)
	}
}

// Everything is read from where the configuration at hand reads it.
func TestCompareBaseReadsTheSameData(t *testing.T) {
	at, a := newCheckout(t)
	tree := at.tree("100644 main.hcl " + at.git("source \"csv\" \"files\" { directory = \"data\" }\n", "hash-object", "-w", "--stdin"))
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	t.Setenv("TMP", temporary)
	commit := at.commitOf(tree)
	b, err := a.compareBase(t.Context(), commit, at.dir)
	if err != nil || b.unavailable != "" {
		t.Fatalf("%+v, %v", b, err)
	}
	if b.Config.Dir != at.dir || b.Commit != commit || len(b.Config.Sources) != 1 {
		t.Errorf("it is %+v", b.Base)
	}
	if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestResolveRefusesWhatIsNoCommit(t *testing.T) {
	at, a := newCheckout(t)
	tree := at.tree("100644 main.hcl " + at.git("", "hash-object", "-w", "--stdin"))
	at.git("", "update-ref", "refs/heads/main", at.commitOf(tree))
	for _, ref := range []string{"", "-h", "--help", "--git-dir=/", "main --help", "main\n", "no", "main:main.hcl", tree, "main^{tree}"} {
		if got, err := a.resolve(t.Context(), ref); err == nil {
			t.Errorf("%q is %q", ref, got)
		}
	}
	if _, err := a.resolve(t.Context(), "main"); err != nil {
		t.Error(err)
	}
	a.env.Dir = t.TempDir()
	if _, err := a.resolve(t.Context(), "main"); err == nil || !strings.Contains(err.Error(), "\nExpected the configuration within a git checkout, and "+a.env.Dir+" is in none") {
		t.Errorf("outside of a checkout: %v", err)
	}
	a.env.Dir, a.env.Environ = at.dir, append(slices.Clone(a.env.Environ), "GIT_TEST_ASSUME_DIFFERENT_OWNER=1", "HOME="+t.TempDir(), "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=fr_FR.UTF-8", "LANGUAGE=fr")
	if _, err := a.resolve(t.Context(), "main"); err == nil || !strings.Contains(err.Error(), "git config --global --add safe.directory "+at.dir) {
		t.Errorf("in a checkout of somebody else: %v", err)
	}
	t.Setenv("PATH", "")
	if _, err := a.resolve(t.Context(), "main"); err == nil || !strings.Contains(err.Error(), "git, which is not installed here") {
		t.Errorf("without git: %v", err)
	}
}
