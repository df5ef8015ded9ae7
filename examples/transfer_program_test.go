package examples_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/registrar-sync/registrar/internal/cli"
)

// registrar runs a command at a server, without a terminal, and returns what it wrote and its exit code.
func (s *server) registrar(args ...string) (output string, code int) {
	s.Helper()
	s.now = s.now.Add(time.Minute)
	out := &shared{}
	code = cli.Run(s.Context(), cli.Environment{
		Args: args, Environ: append([]string{"REGISTRAR_IN_AUTOMATION="}, s.environ...), Dir: s.dir, Author: "test", Version: "0.1.0",
		Stdin: strings.NewReader(""), Stdout: out, Stderr: out,
		Now: func() time.Time { return s.now }, NewID: uuid.NewString, Providers: known(),
	})
	return out.String(), code
}

// does is registrar for a command that must end with that code, and say all these words.
func (s *server) does(code int, args []string, words ...string) string {
	s.Helper()
	out, got := s.registrar(args...)
	if got != code {
		s.Fatalf("%q ended with %d, want %d:\n%s", args, got, code, out)
	}
	for _, word := range words {
		if !strings.Contains(out, word) {
			s.Errorf("%q does not say %q:\n%s", args, word, out)
		}
	}
	return out
}

// A transfer by the commands of examples/transfer/README.md.
func TestTransferProgram(t *testing.T) {
	t.Parallel()
	told := make(chan []byte, 8)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var body json.RawMessage
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		told <- body
	}))
	defer hook.Close()
	c := onCampus(t, false)
	c.live()
	o, n := c.origin, c.target
	n.edit(t, "main.hcl", `code = "HUM"`, "code = \"HUM\"\n  notify = [notify.webhook.office]")
	hcl := readFile(t, filepath.Join(n.dir, "main.hcl"))
	c.write(filepath.Join(n.dir, "main.hcl"), hcl+"\nnotify \"webhook\" \"office\" {\n  on  = [\"failure\"]\n  url = \""+hook.URL+"\"\n}\n")
	carried := t.TempDir()
	manifest, confirmation := filepath.Join(carried, "hss.csv"), filepath.Join(carried, "hss-confirmation.csv")

	o.does(0, []string{"transfer", "export", "--faculty", "hss", "--out", carried, "--name", "hss"}, "Exported")
	o.does(0, []string{"transfer", "verify", manifest})
	c.become(manifest, "12", "HUM")

	n.does(1, []string{"transfer", "import", manifest}, "Nobody can be asked")
	n.does(1, []string{"transfer", "import", manifest, "--out", "a.plan", "--apply", "b.plan"}, "give one of them")
	n.does(1, []string{"transfer", "import", manifest, "--yes", "--override", "why"}, "--apply FILE --override REASON")
	n.does(1, []string{"transfer", "import", manifest, "--yes", "--confirm", "nowhere"}, "expected a folder")
	policy := filepath.Join(c.dir, "policy.hcl")
	connect := "connect \"source.csv.exports\" {\n  paths = [\"../data\"]\n}\nconnect \"destination.sqlite.campus\" {\n  paths = [\"campus.db\"]\n}\nconnect \"notify.webhook.office\" {\n  hosts = [\"" + strings.TrimPrefix(hook.URL, "http://") + "\"]\n}\n"
	c.write(policy, connect)
	n.does(1, []string{"--policy", policy, "transfer", "import", manifest, "--out", "import.plan"}, `no block connect "source.bundle.hss"`)
	c.write(policy, connect+"connect \"source.bundle.hss\" {\n  paths = [\""+filepath.ToSlash(carried)+"\"]\n}\n")
	n.does(0, []string{"--policy", policy, "transfer", "import", manifest, "--out", "import.plan"}, "11 to insert")
	out := n.does(0, []string{"transfer", "import", manifest, "--out", "import.plan"}, "11 to insert", "transfer import "+manifest+" --apply import.plan", "(sensitive)")
	for _, secret := range []string{"NOWAK", "Strauß", "L-204"} {
		if strings.Contains(out, secret) {
			t.Errorf("the plan shows %q:\n%s", secret, out)
		}
	}
	n.does(1, []string{"apply", "import.plan"}, "registrar transfer import MANIFEST --apply import.plan")
	n.does(0, []string{"show", "--all", "import.plan"}, "11 to insert")
	n.does(0, []string{"transfer", "import", manifest, "--apply", "import.plan"}, "11 inserted", "hss-confirmation.csv", "notify.webhook.office was told", "registrar transfer retire "+confirmation+" --bundle "+manifest)
	if len(told) != 1 {
		t.Fatalf("%d messages, want 1", len(told))
	}
	if body := string(<-told); !strings.Contains(body, `"kind":"transfer"`) || !strings.Contains(body, `"name":"Faculty of Humanities"`) || !strings.Contains(body, `"rows":11`) {
		t.Errorf("the message: %s", body)
	}
	written := readFile(t, confirmation)
	if info, err := os.Stat(confirmation); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others may read the confirmation: %v", err)
	}
	// As after a kill between the commit and the confirmation.
	if err := os.Remove(confirmation); err != nil {
		t.Fatal(err)
	}
	n.does(0, []string{"transfer", "import", manifest, "--apply", "import.plan"}, "was applied already")
	if again := readFile(t, confirmation); again != written {
		t.Errorf("the confirmation is another one:\n%s\n%s", written, again)
	}
	n.does(1, []string{"transfer", "import", manifest, "--yes"}, "has rows here already")
	n.does(0, []string{"plan", "--target", `sync.staff["humanities"]`}, "No changes")

	o.does(1, []string{"transfer", "retire", confirmation}, "--bundle MANIFEST is missing")
	o.does(1, []string{"transfer", "retire", confirmation, "--bundle", manifest, "--yes", "--without", "office"}, "no such column was left out")
	o.does(0, []string{"transfer", "retire", confirmation, "--bundle", manifest, "--out", "retire.plan"}, "11 to delete", "--apply retire.plan")
	o.does(1, []string{"apply", "retire.plan"}, "registrar transfer retire CONFIRMATION --bundle MANIFEST --apply retire.plan")
	o.does(0, []string{"transfer", "retire", confirmation, "--bundle", manifest, "--apply", "retire.plan"}, "11 deleted", "no longer here", "Remove it from the configuration")
	o.does(1, []string{"transfer", "retire", confirmation, "--bundle", manifest, "--apply", "retire.plan"}, "already")
	o.does(1, []string{"transfer", "retire", confirmation, "--bundle", manifest, "--yes"}, "was retired already, by plan")
	o.does(0, []string{"pause", "--list"}, `sync.students["hss"]`, "transferred to the register")
	if len(told) != 0 {
		t.Errorf("told again: %s", <-told)
	}
}
