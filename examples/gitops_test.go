package examples_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/internal/pgtest"
)

// TestGitOps plays the example's whole story with a bare repository, the scripts of its pipelines and a real
// PostgreSQL, in which each step has the rights of its role only.
func TestGitOps(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the pipelines' scripts are for a POSIX shell")
	}
	s := newStory(t)

	// The first state of production: planned, not applicable without an approval, approved of, applied.
	first := s.checkout("main")
	s.as(planner, first, 0, "registrar", "plan", "--out", "plan.json")
	refused := s.as(applier, first, 3, "registrar", "apply", "plan.json")
	if !strings.Contains(refused, "registrar approve") {
		t.Errorf("the refusal does not say what to do:\n%s", refused)
	}
	s.as(approver, first, 0, "registrar", "approve", "--auto-approve", "--comment", "first load", "plan.json")
	s.as(applier, first, 0, "registrar", "apply", "plan.json")
	if again := s.as(applier, first, 1, "registrar", "apply", "plan.json"); !strings.Contains(again, "applied already") {
		t.Errorf("a plan was applied twice, or refused for another reason:\n%s", again)
	}

	// Since then somebody edited a row by hand, which is none of the merge request's doing.
	s.sql("UPDATE staff SET email = 'changed.by.hand@example.org' WHERE number = '10001'")

	// A merge request changes a mapping.
	s.branch("louder", func(dir string) {
		s.edit(dir, "rooms.hcl", "trim(row.name)", "upper(trim(row.name))")
	})
	review := s.checkout("louder")
	s.as(planner, review, 0, "ci/review", "origin/main")
	comment := readFile(t, filepath.Join(review, "review/comment.md"))
	for _, want := range []string{"<!-- registrar plan: timetable -->", "AMPHI SIMONE", "5", "faculty.hss"} {
		if !strings.Contains(comment, want) {
			t.Errorf("the comment has no %q:\n%s", want, comment)
		}
	}
	effect := comparison(t, review)
	if want := map[string]int64{`sync.rooms["hss"]`: 3, `sync.rooms["sci"]`: 2}; !cmp.Equal(want, effect) {
		t.Errorf("the effect of the change alone: %v, want %v", effect, want)
	}
	var report map[string]int64
	decode(t, filepath.Join(review, "review/terraform.json"), &report)
	if want := map[string]int64{"create": 0, "update": 6, "delete": 0}; !cmp.Equal(want, report) {
		t.Errorf("GitLab's report: %v, want %v", report, want)
	}
	for _, name := range []string{"comment.md", "plan.html", "plan.json", "plan.txt", "codequality.json", "terraform.json"} {
		for _, secret := range []string{"Ardent", "ARDENT", "10001", "example.org:", "changed.by.hand", "camille"} {
			if strings.Contains(readFile(t, filepath.Join(review, "review", name)), secret) {
				t.Errorf("review/%s shows %q", name, secret)
			}
		}
	}

	// Its comment is written once, and brought up to date by later runs; GitHub's likewise.
	gitlab := newComments(t, `{"id": 7}`, func(id int, body string) any {
		return map[string]any{"id": id, "body": body, "author": map[string]any{"id": 7}}
	})
	for range 2 {
		s.as(planner, review, 0, "ci/comment", "review/comment.md", "CI_API_V4_URL="+gitlab.URL, "CI_PROJECT_ID=1", "CI_MERGE_REQUEST_IID=2", "GITLAB_TOKEN=secret-token")
	}
	gitlab.check(t, comment)
	github := newComments(t, "", func(id int, body string) any {
		return map[string]any{"id": id, "body": body, "user": map[string]any{"type": "Bot"}}
	})
	s.action(review, github.URL, "nonesuch", 1)
	if text := github.body(t); !strings.Contains(text, "Nothing is known") {
		t.Errorf("the comment of a plan that failed:\n%s", text)
	}
	s.action(review, github.URL, "", 0)
	github.check(t, "<!-- registrar plan: rooms -->")
	if text := github.body(t); !strings.Contains(text, "AMPHI SIMONE") {
		t.Errorf("the comment was not brought up to date:\n%s", text)
	}

	// One that a guard holds is shown as well.
	s.branch("emptier", func(dir string) {
		s.edit(dir, "exports/rooms_hss.csv", "H-102;Salle des cartes;40\n", "")
	})
	emptier := s.checkout("emptier")
	s.as(planner, emptier, 3, "ci/review", "origin/main")
	if text := readFile(t, filepath.Join(emptier, "review/comment.md")); !strings.Contains(text, "max_delete") || !strings.Contains(text, "delete") {
		t.Errorf("the comment of a plan that is held:\n%s", text)
	}

	// Nobody applies it; somebody approves of it.
	if said := s.as(applier, review, 1, "registrar", "apply", "review/plan.json"); !strings.Contains(said, "speculative") {
		t.Errorf("a speculative plan was refused for another reason:\n%s", said)
	}
	s.as(approver, review, 0, "registrar", "approve", "--auto-approve", "review/plan.json")

	// After the merge its effects are the same, so that the approval counts.
	s.merge("louder")
	merged := s.checkout("main")
	s.as(planner, merged, 0, "registrar", "plan", "--out", "plan.json")
	s.as(applier, merged, 0, "registrar", "apply", "plan.json")
	if got := s.text("SELECT string_agg(name, ',' ORDER BY code) FROM room WHERE faculty = '12'"); got != "AMPHI SIMONE,SALLE DES CARTES,SALLE DES LANGUES" {
		t.Errorf("the rooms of a faculty after the apply: %s", got)
	}

	// Nothing has drifted; then something has.
	s.as(planner, merged, 0, "registrar", "plan", "--speculative", "--detailed-exitcode")
	s.sql("UPDATE room SET seats = 1 WHERE code = 'H-101'")
	s.as(planner, merged, 2, "registrar", "plan", "--speculative", "--detailed-exitcode")

	// Approved of once is applied once: the same effects, again, need another approval.
	s.sql("UPDATE room SET seats = 180 WHERE code = 'H-101'")
	s.sql(`UPDATE room SET name = CASE code WHEN 'H-101' THEN 'Amphi Simone' WHEN 'H-102' THEN 'Salle des cartes' WHEN 'H-103' THEN 'Salle des langues'
		WHEN 'S-201' THEN 'Amphi Curie' ELSE 'Travaux pratiques 2' END`)
	s.sql("UPDATE staff SET email = 'changed.by.hand@example.org' WHERE number = '10001'")
	s.as(planner, merged, 0, "registrar", "plan", "--out", "again.json")
	s.as(applier, merged, 3, "registrar", "apply", "again.json")

	// What a stranger's merge request tries is refused, or shows nothing.
	s.branch("curious", func(dir string) {
		s.edit(dir, "staff.hcl", `  lifecycle {`, "  sensitive = []\n\n  lifecycle {")
	})
	curious := s.checkout("curious")
	s.sql("UPDATE staff SET name = 'KNOWN TO NOBODY' WHERE number = '10002'")
	s.as(planner, curious, 0, "ci/review", "origin/main")
	for _, name := range []string{"comment.md", "plan.html", "plan.json", "plan.txt"} {
		if text := readFile(t, filepath.Join(curious, "review", name)); strings.Contains(text, "NOBODY") || strings.Contains(text, "BOISVERT") {
			t.Errorf("review/%s shows what the operator's policy does not allow", name)
		}
	}
	s.branch("elsewhere", func(dir string) {
		s.edit(dir, "main.hcl", `url       = var.timetable_url`, `url       = "postgres://timetable@elsewhere.example.org/timetable"`)
	})
	elsewhere := s.checkout("elsewhere")
	if said := s.as(planner, elsewhere, 1, "ci/review", "origin/main"); !strings.Contains(said, "main.hcl") || !strings.Contains(said, "elsewhere.example.org") {
		t.Errorf("a host that the policy does not allow was refused for another reason:\n%s", said)
	}
	if text := readFile(t, filepath.Join(elsewhere, "review/comment.md")); !strings.Contains(text, "Nothing is known") {
		t.Errorf("the comment of a plan that failed:\n%s", text)
	}

	s.hooks(merged)
}

// story is a bare repository, a production database with its roles, and who works on them.
type story struct {
	testing.TB
	bin, origin, author string
	policy, key         string
	database            *sql.DB
	urls                map[role]string
}

type role string

const (
	planner  role = "planner"
	applier  role = "applier"
	approver role = "approver"
)

func newStory(t testing.TB) *story {
	database := pgtest.New(t)
	s := &story{TB: t, bin: t.TempDir(), origin: filepath.Join(t.TempDir(), "timetable.git"), author: t.TempDir(), urls: map[role]string{}}
	s.build()
	var err error
	s.database, err = sql.Open("pgx", database)
	s.must(err)
	t.Cleanup(func() { s.database.Close() })
	s.sql(readFile(t, "gitops/setup.sql"))

	operator := t.TempDir()
	s.key = filepath.Join(operator, "sign.pem")
	public := regexp.MustCompile(`ed25519:\S+`).FindString(s.run(operator, 0, nil, "registrar", "key", "new", "--out", s.key))
	where, err := url.Parse(database)
	s.must(err)
	text := strings.NewReplacer("ed25519:PUBLIC_KEY_OF_THE_PIPELINE", public, "timetable-db.example.org:5432", strings.ToLower(where.Host),
		`databases = ["timetable"]`, fmt.Sprintf("databases = [%q]", strings.TrimPrefix(where.Path, "/"))).Replace(readFile(t, "gitops/operator/policy.hcl"))
	s.policy = filepath.Join(operator, "policy.hcl")
	s.must(os.WriteFile(s.policy, []byte(text), 0o600))

	s.git(filepath.Dir(s.origin), "init", "--quiet", "--bare", "--initial-branch", "main", s.origin)
	s.git(filepath.Dir(s.author), "clone", "--quiet", s.origin, s.author)
	s.must(os.CopyFS(s.author, os.DirFS("gitops")))
	s.must(os.RemoveAll(filepath.Join(s.author, "operator"))) // it is kept elsewhere
	s.git(s.author, "checkout", "--quiet", "-B", "main")
	s.git(s.author, "add", ".")
	s.git(s.author, "commit", "--quiet", "-m", "The timetable's configuration")
	s.git(s.author, "push", "--quiet", "origin", "main")
	s.roles(database)
	return s
}

// roles makes the register as the database's owner, and the roles with what init prints.
func (s *story) roles(database string) {
	names := map[role]string{}
	arguments := []string{"init", "--print-grants"}
	for _, one := range []struct {
		role role
		flag string
	}{{planner, "--plan-role"}, {applier, "--apply-role"}, {approver, "--approve-role"}} {
		name := string(one.role) + "_" + filepath.Base(s.bin) + strings.ToLower(strings.TrimPrefix(filepath.Base(filepath.Dir(s.bin)), "TestGitOps"))
		names[one.role] = name
		arguments = append(arguments, one.flag, name)
		s.sql(fmt.Sprintf("CREATE ROLE %q LOGIN PASSWORD 'secret'", name))
		s.Cleanup(func() {
			s.sql(fmt.Sprintf("DROP OWNED BY %q", name))
			s.sql(fmt.Sprintf("DROP ROLE %q", name))
		})
		s.urls[one.role] = pgtest.URLAs(s, database, name, "secret")
	}
	dir := s.checkout("main")
	environment := []string{"REGISTRAR_VAR_timetable_url=" + database}
	s.run(dir, 0, environment, "registrar", "init")
	s.sql(s.run(dir, 0, environment, append([]string{"registrar"}, arguments...)...))
}

// build builds the program, as the runner has it in PATH.
func (s *story) build() {
	s.Helper()
	build := exec.CommandContext(s.Context(), "go", "build", "-o", filepath.Join(s.bin, "registrar"), "../cmd/registrar")
	if out, err := build.CombinedOutput(); err != nil {
		s.Fatalf("go build: %v\n%s", err, out)
	}
}

func (s *story) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *story) sql(statements string) {
	s.Helper()
	if _, err := s.database.Exec(statements); err != nil {
		s.Errorf("%s: %v", statements, err)
	}
}

func (s *story) text(query string) (text string) {
	s.Helper()
	s.must(s.database.QueryRowContext(s.Context(), query).Scan(&text))
	return text
}

// run runs a program in a directory, which must end with that code, and returns what it wrote.
func (s *story) run(dir string, code int, environment []string, words ...string) string {
	s.Helper()
	name := words[0]
	if strings.Contains(name, "/") && !filepath.IsAbs(name) {
		name = filepath.Join(dir, name)
	} else if name == "registrar" {
		name = filepath.Join(s.bin, name)
	}
	command := exec.CommandContext(s.Context(), name, words[1:]...)
	command.Dir = dir
	command.Env = append([]string{
		"PATH=" + s.bin + string(os.PathListSeparator) + os.Getenv("PATH"), "HOME=" + s.bin, "TMPDIR=" + os.TempDir(), "LC_ALL=C.UTF-8", "TZ=UTC",
		"REGISTRAR_IN_AUTOMATION=1", "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.org", "GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.org",
	}, environment...)
	out, err := command.CombinedOutput()
	if err != nil && command.ProcessState == nil {
		s.Fatalf("%s: %v", strings.Join(words, " "), err)
	}
	if got := command.ProcessState.ExitCode(); got != code {
		s.Fatalf("%s: exit code %d, want %d\n%s", strings.Join(words, " "), got, code, out)
	}
	return string(out)
}

// as runs a program with the rights of a role; words with "=" after the first two are of the environment.
func (s *story) as(who role, dir string, code int, words ...string) string {
	s.Helper()
	environment := []string{"REGISTRAR_VAR_timetable_url=" + s.urls[who], "REGISTRAR_POLICY=" + s.policy}
	if who == planner {
		environment = append(environment, "REGISTRAR_SIGN_KEY_FILE="+s.key)
	}
	var command []string
	for i, word := range words {
		if i > 1 && regexp.MustCompile(`^[A-Z][A-Z0-9_]*=`).MatchString(word) {
			environment = append(environment, word)
			continue
		}
		command = append(command, word)
	}
	return s.run(dir, code, environment, command...)
}

func (s *story) git(dir string, words ...string) {
	s.Helper()
	s.run(dir, 0, nil, append([]string{"git"}, words...)...)
}

// checkout is what a job of a pipeline works in: a clone, at a branch.
func (s *story) checkout(branch string) string {
	s.Helper()
	dir := filepath.Join(s.TempDir(), "job")
	s.git(filepath.Dir(dir), "clone", "--quiet", "--branch", branch, s.origin, dir)
	return dir
}

// branch commits and pushes an edit to a branch of its own.
func (s *story) branch(name string, edit func(dir string)) {
	s.Helper()
	s.git(s.author, "checkout", "--quiet", "-B", name, "main")
	edit(s.author)
	s.git(s.author, "commit", "--quiet", "--all", "-m", name)
	s.git(s.author, "push", "--quiet", "origin", name)
}

func (s *story) edit(dir, name, old, edited string) {
	s.Helper()
	text := readFile(s, filepath.Join(dir, name))
	if strings.Count(text, old) != 1 {
		s.Fatalf("%s has %q %d times", name, old, strings.Count(text, old))
	}
	s.must(os.WriteFile(filepath.Join(dir, name), []byte(strings.Replace(text, old, edited, 1)), 0o600))
}

func (s *story) merge(name string) {
	s.Helper()
	s.git(s.author, "checkout", "--quiet", "main")
	s.git(s.author, "merge", "--quiet", "--no-ff", "-m", "Merge "+name, name)
	s.git(s.author, "push", "--quiet", "origin", "main")
}

// action runs the steps of the composite action, as GitHub's runner does, for a pull request whose base is main.
func (s *story) action(dir, api, base string, exitCode int) {
	s.Helper()
	scripts, err := filepath.Abs("../.github/action")
	s.must(err)
	temporary := s.TempDir()
	commit := func(name string) string {
		return strings.TrimSpace(s.run(dir, 0, nil, "git", "rev-parse", name))
	}
	environment := []string{
		"RUNNER_TEMP=" + temporary, "GITHUB_OUTPUT=" + filepath.Join(temporary, "output"), "GITHUB_STEP_SUMMARY=" + filepath.Join(temporary, "summary"),
		"GITHUB_API_URL=" + api, "GITHUB_REPOSITORY=example/timetable", "COMMENT_TOKEN=secret-token", "PULL_REQUEST=2",
		"DIRECTORY=.", "POLICY=" + s.policy, "BASE=" + base, "PULL_REQUEST_BASE=" + commit("origin/main"), "PULL_REQUEST_HEAD=" + commit("HEAD"),
		"MARKER=rooms", "LINK=https://ci.example.org/1", "REGISTRAR_VAR_timetable_url=" + s.urls[planner],
	}
	s.run(dir, 0, environment, filepath.Join(scripts, "plan"))
	want := []string{"exitcode=0\n", "changes=true\n", "plan=" + temporary}
	if exitCode != 0 {
		want = []string{fmt.Sprintf("exitcode=%d\n", exitCode), "changes=false\n"}
	}
	output := readFile(s, filepath.Join(temporary, "output"))
	for _, line := range want {
		if !strings.Contains(output, line) {
			s.Errorf("the action's outputs have no %q:\n%s", line, output)
		}
	}
	if summary := readFile(s, filepath.Join(temporary, "summary")); strings.Contains(summary, "AMPHI SIMONE") != (exitCode == 0) {
		s.Errorf("the job's summary:\n%s", summary)
	}
	s.run(dir, 0, environment, filepath.Join(scripts, "comment"))
}

// hooks runs what .pre-commit-hooks.yaml would.
func (s *story) hooks(dir string) {
	s.Helper()
	entries := regexp.MustCompile(`(?m)^  entry: (.*)$`).FindAllStringSubmatch(readFile(s, "../.pre-commit-hooks.yaml"), -1)
	if len(entries) != 2 {
		s.Fatalf("%d hooks", len(entries))
	}
	s.run(dir, 0, nil, append(strings.Fields(entries[0][1]), "rooms.hcl", "main.hcl")...)
	if status := s.run(dir, 0, nil, "git", "status", "--porcelain", "--untracked-files=no"); status != "" {
		s.Errorf("the example is not in the canonical layout:\n%s", status)
	}
	s.run(dir, 0, []string{"REGISTRAR_VAR_timetable_url=postgres://timetable-db.example.org/timetable"}, strings.Fields(entries[1][1])...)
}

// comparison is how many operations the change of configuration alone adds, by sync.
func comparison(t testing.TB, dir string) map[string]int64 {
	t.Helper()
	var file struct {
		Plan struct {
			Comparison struct {
				Syncs []struct {
					Sync string           `json:"sync"`
					Only map[string]int64 `json:"only"`
				} `json:"syncs"`
			} `json:"comparison"`
		} `json:"plan"`
	}
	decode(t, filepath.Join(dir, "review/plan.json"), &file)
	out := map[string]int64{}
	for _, sync := range file.Plan.Comparison.Syncs {
		for _, n := range sync.Only {
			out[sync.Sync] += n
		}
	}
	return out
}

func decode(t testing.TB, path string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(readFile(t, path)), into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// comments is a server that keeps a merge request's comments, as GitLab and GitHub do.
type comments struct {
	*httptest.Server
	mu      sync.Mutex
	bodies  []string
	methods []string
	tokens  []string
}

// newComments starts one, of which element is a comment as the server's list has it. A person has written a
// comment with the same mark, which is nobody else's to change.
func newComments(t testing.TB, user string, element func(id int, body string) any) *comments {
	c := &comments{}
	answer := func(w http.ResponseWriter, value any) { _ = json.NewEncoder(w).Encode(value) }
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.tokens = append(c.tokens, r.Header.Get("Authorization")+r.Header.Get("Private-Token"))
		if r.URL.Path == "/user" {
			_, _ = io.WriteString(w, user)
			return
		}
		if r.Method == http.MethodGet {
			list := []any{map[string]any{
				"id": 1, "body": "<!-- registrar plan: timetable -->\n<!-- registrar plan: rooms -->", "author": map[string]any{"id": 3}, "user": map[string]any{"type": "User"},
			}}
			for i, body := range c.bodies {
				list = append(list, element(i+10, body))
			}
			answer(w, list)
			return
		}
		var sent struct{ Body string }
		if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		c.methods = append(c.methods, r.Method)
		switch {
		case r.Method == http.MethodPost:
			c.bodies = append(c.bodies, sent.Body)
		case strings.HasSuffix(r.URL.Path, "/10"):
			c.bodies[0] = sent.Body
		default:
			http.Error(w, "not yours", http.StatusForbidden)
		}
		answer(w, map[string]any{})
	}))
	t.Cleanup(c.Close)
	return c
}

// body is the comment as it stands.
func (c *comments) body(t testing.TB) string {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.bodies) != 1 {
		t.Fatalf("%d comments", len(c.bodies))
	}
	return c.bodies[0]
}

// check expects one comment that begins so, written and then brought up to date.
func (c *comments) check(t testing.TB, begins string) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.bodies) != 1 || !strings.HasPrefix(c.bodies[0], strings.TrimSpace(begins)) {
		t.Errorf("%d comments: %q", len(c.bodies), c.bodies)
	}
	if len(c.methods) != 2 || c.methods[0] != http.MethodPost || c.methods[1] == http.MethodPost {
		t.Errorf("written by %v", c.methods)
	}
	for _, token := range c.tokens {
		if !bytes.HasSuffix([]byte(token), []byte("secret-token")) {
			t.Errorf("a request without the token: %q", token)
		}
	}
}
