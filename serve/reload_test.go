package serve

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/serve/web"
)

// files are a checkout that a test changes.
type files struct {
	*testing.T
	*configurations
	digest, commit string
	err            error
	out            bytes.Buffer
}

func newFiles(t *testing.T) *files {
	t.Helper()
	f := &files{T: t, digest: "one"}
	f.configurations = &configurations{
		metrics: web.NewMetrics(), log: slog.New(slog.NewTextHandler(&f.out, nil)),
		compile: func(context.Context) (*config.Config, string, error) {
			return &config.Config{Digest: f.digest}, f.commit, f.err
		},
	}
	if err := f.begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	return f
}

// poll looks at the files and asserts which configuration is in force then.
func (f *files) poll(want string) {
	f.Helper()
	f.reload(f.Context(), false)
	if got := f.current().cfg.Digest; got != want {
		f.Fatalf("%q is in force, want %q", got, want)
	}
}

// A checkout is not atomic: what one look sees may be half of it.
func TestAChangeCountsOnceItIsThereTwice(t *testing.T) {
	t.Parallel()
	f := newFiles(t)
	f.poll("one")
	f.digest = "half"
	f.poll("one")
	f.digest = "two"
	f.poll("one")
	f.poll("two")
	f.digest = "half"
	f.poll("two")
	f.digest = "two"
	f.poll("two")
	f.digest = "half"
	f.poll("two")
	f.poll("half")
	f.commit = "c0ffee"
	f.poll("half")
	if f.current().commit != "c0ffee" {
		t.Error("another commit of the same files is not noticed")
	}
}

func TestAskedForItIsLoadedAtOnce(t *testing.T) {
	t.Parallel()
	f := newFiles(t)
	before := f.current()
	f.reload(t.Context(), true)
	if f.current() == before {
		t.Error("asked to reload, a configuration of the same digest is not taken: its secrets may be new")
	}
	f.digest = "two"
	f.reload(t.Context(), true)
	if f.current().cfg.Digest != "two" {
		t.Error("the new configuration is not in force")
	}
}

func TestABrokenConfigurationIsRefusedAndSaidOnce(t *testing.T) {
	t.Parallel()
	f := newFiles(t)
	said := func(text string) int { return strings.Count(f.out.String(), text) }
	f.err = errors.New("syncs.hcl:3: no such column")
	f.poll("one")
	if said("refused") != 0 {
		t.Error("a look that may have seen half of a checkout is taken seriously")
	}
	for range 4 {
		f.poll("one")
	}
	if said("no such column") != 1 {
		t.Errorf("the same mistake is said %d times", said("no such column"))
	}
	f.reload(t.Context(), true)
	if said("no such column") != 2 {
		t.Error("who asks is not told")
	}
	f.err = errors.New("syncs.hcl:4: no such table")
	f.poll("one")
	f.poll("one")
	if said("no such table") != 1 {
		t.Error("another mistake is not said")
	}
	f.err = nil
	f.poll("one")
	if said("again the one in force") != 1 {
		t.Error("it is not said that the mistake is gone")
	}
	f.err = errors.New("syncs.hcl:4: no such table")
	f.poll("one")
	f.poll("one")
	if said("no such table") != 2 {
		t.Error("a mistake made again is not said again")
	}
	f.err, f.digest = nil, "two"
	f.poll("one")
	f.poll("two")
}

// What compiles, but none of its slots can run, is refused, too.
func TestUnitsThatNeedOneAnotherAreRefused(t *testing.T) {
	t.Parallel()
	s := every(time.Minute)
	cfg := &config.Config{Digest: "two", Schedules: []*config.Schedule{s}, Settings: config.Settings{Atomic: config.AtomicFaculty}}
	for _, f := range []string{"law", "arts"} {
		cfg.Faculties = append(cfg.Faculties, &config.Faculty{Address: "faculty." + f, Label: f})
		for _, name := range []string{"first", "second"} {
			cfg.Syncs = append(cfg.Syncs, &config.Sync{Address: "sync." + f + "_" + name, Faculty: f, Schedule: s})
		}
	}
	cfg.Syncs[1].DependsOn = []string{"sync.arts_first"}
	cfg.Syncs[3].DependsOn = []string{"sync.law_first"}
	f := newFiles(t)
	f.compile = func(context.Context) (*config.Config, string, error) { return cfg, "", nil }
	f.reload(t.Context(), true)
	if f.current().cfg == cfg || !strings.Contains(f.out.String(), "Units in a circle") {
		t.Errorf("it is in force, or nobody is told why not:\n%s", f.out.String())
	}
	cfg.Syncs[3].DependsOn = nil
	f.reload(t.Context(), true)
	if f.current().cfg != cfg {
		t.Error("without the circle it is refused")
	}
}

func TestAnEndedServiceRefusesNothing(t *testing.T) {
	t.Parallel()
	f := newFiles(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f.err = context.Canceled
	f.reload(ctx, true)
	if strings.Contains(f.out.String(), "refused") {
		t.Error("a load that was cut off counts as a broken configuration")
	}
}
