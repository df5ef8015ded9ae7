package cli

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"
	_ "modernc.org/sqlite" // to look at what was written

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/examples"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/csv"
	"github.com/registrar-sync/registrar/providers/sqlite"
)

// output is a writer that goroutines share.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// console runs commands in a folder of its own.
type console struct {
	Environment
	out, err output
}

func newConsole(t *testing.T) *console {
	t.Helper()
	c := &console{Environment: Environment{
		Stdin: strings.NewReader(""), Dir: t.TempDir(), Author: "tester@example", Version: "0.1.0",
		Now: func() time.Time { return time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC) }, NewID: uuid.NewString,
		Providers: []providers.Provider{csv.New(), sqlite.New()}, Examples: examples.FS,
		Environ: os.Environ(),
	}}
	c.Stdout, c.Stderr = &c.out, &c.err
	return c
}

func (c *console) run(ctx context.Context, args ...string) int {
	c.Args = args
	return Run(ctx, c.Environment)
}

// Whatever a command starts has ended when it returns, with terminals and without.
func TestNothingOutlivesACommand(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for _, terminal := range []bool{false, true} {
		c := newConsole(t)
		c.StderrIsTerminal, c.Width, c.ProgressInterval = terminal, 80, time.Microsecond
		if code := c.run(t.Context(), "demo", "--dir", "demo"); code != 0 {
			t.Fatalf("demo ends with %d: %s", code, c.err.String())
		}
		c.StdinIsTerminal, c.Stdin = true, strings.NewReader("no\n")
		if err := os.WriteFile(filepath.Join(c.Dir, "demo", "data", "staff_hss.csv"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if code := c.run(t.Context(), "--chdir", "demo", "apply"); code != 1 {
			t.Errorf("apply ends with %d", code)
		}
	}
}

func TestProgressOnATerminal(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	var w output
	b := newBars(&w, 80)
	for i := range 50 {
		b.planning(plan.Progress{Phase: plan.Staging, Sync: "sync.rooms", Rows: int64(i)})
		b.planning(plan.Progress{Phase: plan.Staging, Sync: "sync.\x1b[2Jstaff", Rows: int64(i)})
		time.Sleep(10 * time.Millisecond)
	}
	b.planning(plan.Progress{Phase: plan.Comparing, Sync: "sync.rooms"})
	b.applying(apply.Progress{Sync: "sync.rooms", Operation: config.Insert, Rows: 7})
	b.stop()
	b.stop()
	b.planning(plan.Progress{Phase: plan.Staging, Sync: "sync.late"})
	b.applying(apply.Progress{Sync: "sync.late"})
	if got := w.String(); !strings.Contains(got, "sync.rooms: staging") || strings.Contains(got, "\x1b[2Jstaff") || strings.Contains(got, "late") {
		t.Errorf("the bars show %q", got)
	}
}

func TestProgressLines(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	var w output
	l := newLines(&w, time.Millisecond)
	l.planning(plan.Progress{Phase: plan.Staging, Sync: "sync.rooms", Rows: 3})
	for deadline := time.Now().Add(5 * time.Second); w.String() == "" && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(20 * time.Millisecond)
	l.stop()
	l.stop()
	if got := w.String(); got != "sync.rooms: staging, 3 rows\n" {
		t.Errorf("the lines are %q: what does not change is said once", got)
	}
}

// An interrupt during the question ends the command; nothing is written.
func TestInterruptedQuestion(t *testing.T) {
	c := newConsole(t)
	if code := c.run(t.Context(), "demo", "--dir", "."); code != 0 {
		t.Fatal(c.err.String())
	}
	rooms := filepath.Join(c.Dir, "data", "rooms_hss.csv")
	text, err := os.ReadFile(rooms)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(rooms, bytes.ReplaceAll(text, []byte("Salle 201"), []byte("Salle 2O1")), 0o600); err != nil {
		t.Fatal(err)
	}
	before := executions(t, c.Dir)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	reader, writer := io.Pipe()
	defer writer.Close()
	c.StdinIsTerminal, c.Stdin = true, cancelling{reader, cancel}
	if code := c.run(ctx, "apply"); code != 1 {
		t.Errorf("apply ends with %d", code)
	}
	if !strings.Contains(c.out.String(), "Do you want to perform these operations?") || !strings.Contains(c.err.String(), "Error: Interrupted") {
		t.Errorf("it says %q", c.err.String())
	}
	if after := executions(t, c.Dir); after != before {
		t.Errorf("%d executions, %d before", after, before)
	}
}

// cancelling is a terminal at which the user presses Ctrl-C.
type cancelling struct {
	io.Reader
	cancel context.CancelFunc
}

func (c cancelling) Read(p []byte) (int, error) {
	c.cancel()
	return c.Reader.Read(p)
}

func executions(t *testing.T, dir string) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "timetable.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow("SELECT count(*) FROM registrar_execution").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestInterruptedPlan(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	c := newConsole(t)
	if code := c.run(t.Context(), "demo", "--dir", "."); code != 0 {
		t.Fatal(c.err.String())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if code := c.run(ctx, "plan"); code != 1 || !strings.Contains(c.err.String(), "Error: Interrupted") {
		t.Errorf("plan ends with %d: %s", code, c.err.String())
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// An output that could not be written is a failure.
func TestUnwritableOutput(t *testing.T) {
	for _, args := range [][]string{{"version"}, {"version", "--json"}, {"validate", "--json"}, {"demo", "--dir", "demo"}} {
		c := newConsole(t)
		c.Stdout = fullDisk{}
		if code := c.run(t.Context(), args...); code != 1 || !strings.Contains(c.err.String(), "no space left") {
			t.Errorf("%v ends with %d: %s", args, code, c.err.String())
		}
	}
}

func TestPlanRecordsCommitAndAuthor(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal("no git: the tests need it, as building does")
	}
	c := newConsole(t)
	if code := c.run(t.Context(), "demo", "--dir", "."); code != 0 {
		t.Fatal(c.err.String())
	}
	planned := func() *plan.Plan {
		t.Helper()
		if code := c.run(t.Context(), "plan", "--out", "p"); code != 0 {
			t.Fatal(c.err.String())
		}
		p, err := plan.Open(filepath.Join(c.Dir, "p"), plan.OpenOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if p := planned(); p.GitCommit != "" || p.CreatedBy != "tester@example" {
		t.Errorf("outside a checkout: commit %q by %q", p.GitCommit, p.CreatedBy)
	}
	for _, args := range [][]string{{"init", "-q"}, {"-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "--allow-empty", "-m", "x"}} {
		if out, err := exec.Command(git, append([]string{"-C", c.Dir}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("git %v: %s", args, out)
		}
	}
	want, err := exec.Command(git, "-C", c.Dir, "rev-parse", "HEAD").Output()
	if err != nil {
		t.Fatal(err)
	}
	if p := planned(); p.GitCommit != strings.TrimSpace(string(want)) {
		t.Errorf("commit %q, want %q", p.GitCommit, want)
	}
	c.Author = ""
	if p := planned(); !strings.Contains(p.CreatedBy, "@") || strings.ContainsAny(p.CreatedBy, "/") {
		t.Errorf("author %q", p.CreatedBy)
	}
}

func TestSplit(t *testing.T) {
	diags := func(summary string) error {
		var d config.Diagnostics
		d.Errorf(config.Range{}, summary, "x")
		return d.Err()
	}
	plain, other := errors.New("plain"), errors.New("other")
	for name, test := range map[string]struct {
		err    error
		diags  string
		others string
	}{
		"one":            {plain, "", "plain"},
		"diagnostics":    {diags("a"), "a", ""},
		"wrapped":        {fmt.Errorf("context: %w", diags("a")), "a", ""},
		"joined":         {errors.Join(diags("a"), plain, diags("b")), "a,b", "plain"},
		"nested":         {errors.Join(fmt.Errorf("context: %w", errors.Join(diags("a"), other)), plain), "a", "other,plain"},
		"plain joined":   {errors.Join(plain, other), "", "plain,other"},
		"several %w":     {fmt.Errorf("context: %w, %w", plain, other), "", "context: plain, other"},
		"wrapped joined": {fmt.Errorf("context: %w", errors.Join(plain, other)), "", "context: plain\nother"},
	} {
		t.Run(name, func(t *testing.T) {
			found, others := split(test.err)
			var summaries, texts []string
			for _, d := range found {
				summaries = append(summaries, d.Summary)
			}
			for _, one := range others {
				texts = append(texts, one.Error())
			}
			if got := strings.Join(summaries, ","); got != test.diags {
				t.Errorf("diagnostics %q, want %q", got, test.diags)
			}
			if got := strings.Join(texts, ","); got != test.others {
				t.Errorf("others %q, want %q", got, test.others)
			}
		})
	}
}

func TestAge(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"30d": 30 * day, "720h": 30 * day, "1d12h": 36 * time.Hour, "0": 0, "0s": 0, "90m": 90 * time.Minute,
	} {
		var got age
		if err := got.Set(text); err != nil || time.Duration(got) != want {
			t.Errorf("%s is %s, %v; want %s", text, time.Duration(got), err, want)
		}
	}
	for _, text := range []string{"", "d", "-3d", "3", "1d-2h", "-1h", "99999999d", "1.5d", "d12h", "3d4", "9999999h"} {
		var got age
		if err := got.Set(text); err == nil {
			t.Errorf("%q is taken as %s", text, time.Duration(got))
		}
	}
	if got := age(36 * time.Hour); got.String() != "36h0m0s" {
		t.Errorf("36 h are shown as %s", got.String())
	}
}

// deniedError is what a server says to a role without rights.
type deniedError struct{}

func (deniedError) Error() string    { return "permission denied for table extra (SQLSTATE 42501)" }
func (deniedError) SQLState() string { return "42501" }

// Where a role lacks rights, such as on a table that is new in a merge request, it is said what to do.
func TestDeniedSaysWhatToDo(t *testing.T) {
	c := newConsole(t)
	a := &app{env: c.Environment}
	a.tell(fmt.Errorf("sync.extra: compare: %w", deniedError{}))
	a.json = true
	a.tell(fmt.Errorf("sync.extra: compare: %w", deniedError{}))
	for where, text := range map[string]string{"text": c.err.String(), "JSON": c.out.String()} {
		if !strings.Contains(text, "permission denied for table extra") || !strings.Contains(strings.Join(strings.Fields(text), " "), "registrar init --print-grants") {
			t.Errorf("as %s it says %s", where, text)
		}
	}
}
