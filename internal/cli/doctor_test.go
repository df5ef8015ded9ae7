package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2/hcldec"
	"go.uber.org/goleak"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/providers"
)

// ward is a provider of sources that are as examine says.
type ward struct {
	name    string
	examine func(ctx context.Context) ([]providers.Finding, error)
	clock   func() time.Time
	closed  error
}

func (w *ward) Name() string { return w.name }

func (*ward) SourceSpec() hcldec.Spec { return hcldec.ObjectSpec{} }

func (*ward) Advice(err error) string {
	if strings.Contains(err.Error(), "unplugged") {
		return "plug it in"
	}
	return ""
}

func (w *ward) OpenSource(context.Context, providers.Attributes, string) (providers.Source, error) {
	return bed{w}, nil
}

type bed struct{ *ward }

func (bed) Snapshot(context.Context) (providers.Snapshot, error) {
	return nil, errors.New("no snapshot is asked for where Examine is to be had")
}
func (b bed) Close() error { return b.closed }

func (b bed) Examine(ctx context.Context) ([]providers.Finding, error) { return b.examine(ctx) }

func (b bed) ServerTime(context.Context) (time.Time, error) { return b.clock(), nil }

func well(context.Context) ([]providers.Finding, error) {
	return []providers.Finding{{Subject: "version", State: providers.FindingOK, Found: "1"}}, nil
}

func clinic(t *testing.T, files map[string]string, wards ...*ward) *console {
	t.Helper()
	c := newConsole(t)
	for _, w := range wards {
		if w.clock == nil {
			w.clock = c.Now
		}
		c.Providers = append(c.Providers, w)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(c.Dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func expectOutput(t *testing.T, c *console, code, want int, out string) {
	t.Helper()
	if code != want {
		t.Errorf("exit code %d, expected %d: %s", code, want, c.err.String())
	}
	if diff := cmp.Diff(out, c.out.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// One connection that does not answer, and one that fails, keep nothing from the others.
func TestDoctorGoesOn(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	c := clinic(t, map[string]string{"main.hcl": "source \"mute\" \"a\" {}\nsource \"broken\" \"b\" {}\nsource \"well\" \"c\" {}\n"},
		&ward{name: "well", examine: well},
		&ward{name: "broken", examine: func(context.Context) ([]providers.Finding, error) { return nil, errors.New("unplugged\nsince Monday") }},
		&ward{name: "mute", examine: func(ctx context.Context) ([]providers.Finding, error) {
			<-ctx.Done()
			return nil, fmt.Errorf("connect: %w", ctx.Err())
		}})
	expectOutput(t, c, c.run(t.Context(), "doctor", "--timeout", "250ms", "--parallelism", "1"), exitError, `source.mute.a
  ✗ connection  no answer within 250ms  → wait for longer with --timeout

source.broken.b
  ✗ connection  unplugged; since Monday  → plug it in

source.well.c
  ✓ connection  reachable
  ✓ version     1
  ✓ clock       within 5s of this machine's

2 problems in 3 connections.
`)
}

// As many are examined side by side as --parallelism says, and no more.
func TestDoctorSideBySide(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	const beds, atOnce = 6, 3
	var mu sync.Mutex
	running, most := 0, 0
	full := make(chan struct{})
	var blocks strings.Builder
	for i := range beds {
		fmt.Fprintf(&blocks, "source \"ward\" \"n%d\" {}\n", i)
	}
	c := clinic(t, map[string]string{"main.hcl": blocks.String()}, &ward{name: "ward", examine: func(ctx context.Context) ([]providers.Finding, error) {
		mu.Lock()
		running++
		most = max(most, running)
		if most == atOnce && running == atOnce {
			select {
			case <-full:
			default:
				close(full)
			}
		}
		mu.Unlock()
		defer func() {
			mu.Lock()
			running--
			mu.Unlock()
		}()
		select { // the first wait for each other
		case <-full:
			return well(ctx)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}})
	if code := c.run(t.Context(), "doctor", "--parallelism", fmt.Sprint(atOnce)); code != 0 || most != atOnce {
		t.Errorf("ends with %d, %d at once: %s", code, most, c.out.String())
	}
}

func TestDoctorInterrupted(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	ctx, cancel := context.WithCancel(t.Context())
	c := clinic(t, map[string]string{"main.hcl": "source \"ward\" \"a\" {}\nsource \"ward\" \"b\" {}\n"}, &ward{name: "ward", examine: func(ctx context.Context) ([]providers.Finding, error) {
		cancel()
		<-ctx.Done()
		return nil, ctx.Err()
	}})
	expectOutput(t, c, c.run(ctx, "doctor"), exitError, "")
	if !strings.Contains(c.err.String(), "Error: Interrupted") {
		t.Error(c.err.String())
	}
}

func TestDoctorClock(t *testing.T) {
	for off, want := range map[time.Duration]string{
		5 * time.Second:               "✓ clock       within 5s of this machine's",
		-5 * time.Second:              "✓ clock       within 5s of this machine's",
		5*time.Second + 1:             "! clock       the server's is 5s ahead of this machine's  → set both clocks by NTP",
		-90*time.Minute - time.Second: "! clock       the server's is 1h30m1s behind this machine's  → set both clocks by NTP",
	} {
		w := &ward{name: "ward", examine: well}
		c := clinic(t, map[string]string{"main.hcl": `source "ward" "a" {}`}, w)
		w.clock = func() time.Time { return c.Now().Add(off) }
		if code := c.run(t.Context(), "doctor"); code != 0 || !strings.Contains(c.out.String(), want) {
			t.Errorf("%s: ends with %d:\n%s", off, code, c.out.String())
		}
	}
}

// Warnings alone end the command with 0, or with 2 where that is asked for.
func TestDoctorCodes(t *testing.T) {
	finding := func(state providers.FindingState) *ward {
		return &ward{name: "ward", examine: func(context.Context) ([]providers.Finding, error) {
			return []providers.Finding{{Subject: "tls", State: state, Found: "x"}}, nil
		}}
	}
	for _, test := range []struct {
		state          providers.FindingState
		code, detailed int
	}{{providers.FindingOK, 0, 0}, {providers.FindingWarning, 0, exitChanges}, {providers.FindingProblem, exitError, exitError}} {
		c := clinic(t, map[string]string{"main.hcl": `source "ward" "a" {}`}, finding(test.state))
		if code, detailed := c.run(t.Context(), "doctor"), c.run(t.Context(), "doctor", "--detailed-exitcode"); code != test.code || detailed != test.detailed {
			t.Errorf("%s: %d, with --detailed-exitcode %d", test.state, code, detailed)
		}
	}
	c := clinic(t, map[string]string{"main.hcl": `source "ward" "a" {}`}, &ward{name: "ward", examine: well, closed: errors.New("stuck")})
	if code := c.run(t.Context(), "doctor", "--detailed-exitcode"); code != exitChanges || !strings.Contains(c.out.String(), "! connection  closing it failed: stuck") {
		t.Errorf("ends with %d: %s", code, c.out.String())
	}
}

// Connections are told in the order of the files, whatever that of the arguments.
func TestDoctorOrder(t *testing.T) {
	c := clinic(t, map[string]string{
		"b.hcl": "source \"ward\" \"last\" {}\n", "a.hcl": "destination \"sqlite\" \"timetable\" {\n  path = \"nosuch.db\"\n}\nsource \"ward\" \"middle\" {}\n",
	}, &ward{name: "ward", examine: well})
	addresses := func(args ...string) (out []string) {
		c.out.text.Reset()
		c.run(t.Context(), append([]string{"doctor", "--json"}, args...)...)
		var document struct {
			Connections []struct{ Address, State string }
		}
		if err := json.Unmarshal([]byte(c.out.String()), &document); err != nil {
			t.Fatal(err)
		}
		for _, one := range document.Connections {
			out = append(out, one.Address+" "+one.State)
		}
		return out
	}
	if diff := cmp.Diff([]string{"destination.sqlite.timetable problem", "source.ward.middle ok", "source.ward.last ok"}, addresses()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"source.ward.middle ok", "source.ward.last ok"}, addresses("source.ward.last", "source.ward.middle", "source.ward.last")); diff != "" {
		t.Error(diff)
	}
	if code := c.run(t.Context(), "doctor", "source.ward.lost"); code != exitError || !strings.Contains(c.err.String(), `no connection "source.ward.lost". Did you mean "source.ward.last"?`) {
		t.Errorf("ends with %d: %s", code, c.err.String())
	}
}

// A provider whose sources cannot be examined is reached at least.
func TestDoctorWithoutExaminer(t *testing.T) {
	w := &ward{name: "ward"}
	c := clinic(t, map[string]string{"main.hcl": `source "plain" "a" {}`}, w)
	c.Providers = append(c.Providers, plain{w})
	expectOutput(t, c, c.run(t.Context(), "doctor"), exitError, `source.plain.a
  ✗ connection  no snapshot is asked for where Examine is to be had

1 problem in 1 connection.
`)
}

type plain struct{ *ward }

func (plain) Name() string { return "plain" }

func (p plain) OpenSource(context.Context, providers.Attributes, string) (providers.Source, error) {
	return struct{ providers.Source }{bed(p)}, nil
}

func TestNeeds(t *testing.T) {
	in, out := &config.Connection{Address: "source"}, &config.Connection{Address: "destination"}
	columns := []config.Column{{Name: "code"}, {Name: "name"}}
	all := config.Operations
	base := func(change func(*config.Sync)) *config.Sync {
		s := &config.Sync{
			Source: config.SyncSource{From: in, Table: "rooms"}, Destination: config.SyncDestination{Into: out, Table: "room", Key: []string{"code"}},
			Columns: columns, Lifecycle: config.Lifecycle{OnMissing: config.KeepMissing, Operations: all},
		}
		change(s)
		return s
	}
	type need = providers.TableNeed
	for name, test := range map[string]struct {
		change   func(*config.Sync)
		planOnly bool
		want     need
	}{
		"keep":       {change: func(*config.Sync) {}, want: need{Insert: true, Update: true}},
		"plans only": {change: func(s *config.Sync) { s.Lifecycle.OnMissing = config.DeleteMissing }, planOnly: true, want: need{Referrers: true}},
		"delete":     {change: func(s *config.Sync) { s.Lifecycle.OnMissing = config.DeleteMissing }, want: need{Insert: true, Update: true, Delete: true, Referrers: true}},
		"purge":      {change: func(s *config.Sync) { s.Lifecycle.PurgeAfter = time.Hour }, want: need{Insert: true, Update: true, Delete: true, Referrers: true}},
		"delete not allowed": {
			change: func(s *config.Sync) {
				s.Lifecycle.OnMissing, s.Lifecycle.Operations = config.DeleteMissing, []config.Operation{config.Update}
			},
			want: need{Update: true},
		},
		"keys only":       {change: func(s *config.Sync) { s.Columns = columns[:1] }, want: need{Insert: true}},
		"unchanged":       {change: func(s *config.Sync) { s.Lifecycle.IgnoreChanges = []string{"name"} }, want: need{Insert: true}},
		"archives":        {change: func(s *config.Sync) { s.Columns, s.Lifecycle.OnMissing = columns[:1], config.ArchiveMissing }, want: need{Insert: true, Update: true}},
		"undeletes":       {change: func(s *config.Sync) { s.Columns, s.Lifecycle.ArchivedColumn = columns[:1], "gone" }, want: need{Insert: true, Update: true}},
		"renames":         {change: func(s *config.Sync) { s.Columns, s.Moved = columns[:1], make([]config.Move, 1) }, want: need{Insert: true, Update: true, Referrers: true}},
		"adopts":          {change: func(s *config.Sync) { s.Columns, s.Destination.Adopt = columns[:1], true }, want: need{Insert: true, Update: true}},
		"locks the table": {change: func(s *config.Sync) { s.Columns, s.Destination.UnenforcedKey = columns[:1], true }, want: need{Insert: true, Update: true}},
		"queries of deletes": {
			change: func(s *config.Sync) {
				s.Source = config.SyncSource{From: in, Queries: []config.TaskQuery{{Task: config.Delete}}}
				s.Lifecycle.OnMissing = config.DeleteMissing
			},
			want: need{Delete: true, Referrers: true},
		},
	} {
		test.want.Table, test.want.Select = "room", true
		cfg := &config.Config{Syncs: []*config.Sync{base(test.change)}}
		if diff := cmp.Diff([]need{test.want}, needsOf(cfg, out, !test.planOnly)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}

	// Of several syncs a table has one need, and lookups and parents are read.
	cfg := &config.Config{Syncs: []*config.Sync{
		base(func(s *config.Sync) {
			s.Columns = append(s.Columns[:2:2], config.Column{Name: "site_id", Lookup: &config.Lookup{Table: "site"}})
			s.Destination.Parents = []config.InParent{{Table: "owner"}}
		}),
		base(func(s *config.Sync) { s.Destination.Table, s.Lifecycle.OnMissing = "site", config.DeleteMissing }),
		base(func(s *config.Sync) { s.Source.Table, s.Source.Query = "", "SELECT 1" }),
	}}
	want := []need{
		{Table: "room", Select: true, Insert: true, Update: true},
		{Table: "site", Select: true, Insert: true, Update: true, Delete: true, Referrers: true},
		{Table: "owner", Select: true},
	}
	if diff := cmp.Diff(want, needsOf(cfg, out, true)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]need{{Table: "rooms", Select: true}}, needsOf(cfg, in, false)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
