package operator

import (
	"encoding/binary"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/providers"
)

// What each provider says that it reaches is what its driver would dial and open.
func TestLocate(t *testing.T) {
	t.Parallel()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	in := func(names ...string) (paths []string) {
		for _, name := range names {
			paths = append(paths, filepath.Join(dir, name))
		}
		return paths
	}
	type attributes = providers.Attributes
	with := func(base attributes, more ...any) attributes {
		out := maps.Clone(base)
		for i := 0; i < len(more); i += 2 {
			out[more[i].(string)] = more[i+1]
		}
		return out
	}
	pg := attributes{"host": "DB.example.org", "database": "d", "user": "u"}
	mssql := attributes{"host": "DB.example.org", "database": "d", "user": "u", "password": "p"}
	for _, test := range []struct {
		provider   string
		attributes attributes
		want       providers.Location
	}{
		{"postgres", pg, providers.Location{Hosts: []string{"db.example.org:5432"}, Database: "d"}},
		{"postgres", with(pg, "port", int64(5433), "sslrootcert", "ca.pem"), providers.Location{Hosts: []string{"db.example.org:5433"}, Database: "d", Paths: in("ca.pem")}},
		{"postgres", with(pg, "sslrootcert", "system"), providers.Location{Hosts: []string{"db.example.org:5432"}, Database: "d"}},
		{"postgres", with(pg, "host", "a.example.org,/run/db,::1"), providers.Location{Hosts: []string{"a.example.org:5432", "unix:/run/db/.s.PGSQL.5432", "[::1]:5432"}, Database: "d"}},
		{"postgres", attributes{"url": "postgres://u:p@a.example.org:1/d?host=evil.example.org,b.example.org&port=2,3&sslmode=verify-full"}, providers.Location{Hosts: []string{"evil.example.org:2", "b.example.org:3"}, Database: "d"}},
		{"postgres", attributes{"url": "postgres://u:p@a.example.org/d?dbname=other&search_path=hidden&sslrootcert=/etc"}, providers.Location{Hosts: []string{"a.example.org:5432"}, Database: "other?search_path=hidden", Paths: []string{"/etc"}}},
		{"mysql", with(pg, "tls_ca", "ca.pem"), providers.Location{Hosts: []string{"db.example.org:3306"}, Database: "d", Paths: in("ca.pem")}},
		{"mysql", attributes{"socket": "/run/My.sock", "database": "d", "user": "u"}, providers.Location{Hosts: []string{"unix:/run/My.sock"}, Database: "d"}},
		{"mysql", with(pg, "host", "2001:db8::A"), providers.Location{Hosts: []string{"[2001:db8::a]:3306"}, Database: "d"}},
		{"mssql", with(mssql, "ca_file", "ca.pem"), providers.Location{Hosts: []string{"db.example.org:1433"}, Database: "d", Paths: in("ca.pem")}},
		{"mssql", with(mssql, "instance", "PROD"), providers.Location{Hosts: []string{"db.example.org:1434", "db.example.org:*"}, Database: "d"}},
		{"oracle", with(mssql, "service", "PROD"), providers.Location{Hosts: []string{"db.example.org:1521"}, Database: "PROD"}},
		{"oracle", with(mssql, "sid", "OLD", "tls", true, "wallet", "wallet"), providers.Location{Hosts: []string{"db.example.org:1521"}, Database: "OLD", Paths: in("wallet", "wallet/cwallet.sso", "wallet/ewallet.p12")}},
		{"sqlite", attributes{"path": "a.db"}, providers.Location{Paths: in("a.db")}},
		{"csv", attributes{"directory": "data"}, providers.Location{Paths: in("data", "data/registrar.db")}},
		{"csv", attributes{"directory": "data", "register": "../r.db", "header": false}, providers.Location{Paths: in("data", "r.db"), Layout: true}},
		{"xlsx", attributes{"path": "data/book.xlsx"}, providers.Location{Paths: in("data")}},
		{"xlsx", attributes{"directory": "data", "first_row": int64(3)}, providers.Location{Paths: in("data", "data/registrar.db"), Layout: true}},
	} {
		i := slices.IndexFunc(known(), func(p providers.Provider) bool { return p.Name() == test.provider })
		got, err := known()[i].(providers.Locator).Locate(test.attributes, dir)
		if err != nil {
			t.Errorf("%s: %v", test.provider, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s %v: (-want +got)\n%s", test.provider, test.attributes, diff)
		}
	}
}

// Every provider that the program has says what it reaches, and its errors repeat nothing.
func TestEveryProviderLocates(t *testing.T) {
	t.Parallel()
	program, err := os.ReadFile(filepath.Join("..", "cmd", "registrar", "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range known() {
		if _, is := p.(providers.Locator); !is {
			t.Errorf("%s is no Locator", p.Name())
		}
		if !strings.Contains(string(program), p.Name()+".New()") {
			t.Errorf("the program does not have %s", p.Name())
		}
	}
	if n := strings.Count(string(program), "/registrar/providers/"); n != len(known())+1 { // and export
		t.Errorf("the program has %d packages of providers; the tests here know %d", n, len(known())+1)
	}
	for _, attributes := range []providers.Attributes{
		{},
		{"url": "postgres://hunter2:hunter2@a.example.org:hunter2/d"},
		{"url": "hunter2"},
		{"url": "postgres://u@h/d?port=1,hunter2"},
		{"host": "a(hunter2)", "user": "hunter2", "database": "hunter2", "password": "hunter2", "service": "(hunter2)"},
		{"path": "/x/../hunter2", "directory": "/x/../hunter2"},
	} {
		for _, p := range known() {
			if _, err := p.(providers.Locator).Locate(attributes, t.TempDir()); err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%s: %v", p.Name(), err)
			}
		}
	}
}

// SQLite deletes the file that a journal names, when it ends what another process left: a stranger's journal names none
// outside of the root.
func TestJournalOfAStranger(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	victim := write(t, filepath.Join(t.TempDir(), "victim"), "keep")
	cfg := configuration(t, dir, nil, "main.hcl", `destination "sqlite" "a" { path = "a.db" }`, "a.db", "")
	journal := func(name string) {
		text := append([]byte(strings.Repeat("\x00", 512)), name...)
		sum := uint32(0)
		for _, c := range []byte(name) {
			sum += uint32(c)
		}
		text = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(text, uint32(len(name))), sum)
		write(t, filepath.Join(dir, "a.db-journal"), string(text)+"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7")
	}
	journal(victim)
	expect(t, Restrict(cfg, nil, speculative()), "outside of the configuration's root")
	journal("../victim")
	expect(t, Restrict(cfg, nil, speculative()), "by a relative path")
	journal(filepath.Join(dir, "a.db-mj0"))
	expect(t, Restrict(cfg, nil, speculative()), "")
	write(t, filepath.Join(dir, "a.db-journal"), "")
	expect(t, Restrict(cfg, nil, speculative()), "")
}
