package transfer_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/hcl"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/transfer"
)

// childVariable makes the test binary import or retire and nothing else, so that it can be killed.
const childVariable = "REGISTRAR_TRANSFER_CHILD"

func TestMain(m *testing.M) {
	if command := os.Getenv(childVariable); command != "" {
		if err := child(strings.Split(command, "\n")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child is "import DIR MANIFEST CONFIRMATION" or "retire DIR MANIFEST CONFIRMATION". It prints a line at each step, and waits to be
// killed at the one numbered REGISTRAR_TEST_STOP.
func child(args []string) (err error) {
	ctx := context.Background()
	cfg, diags := hcl.Load(args[1], hcl.Options{Providers: exporters(), Version: "0.1.0"})
	if err := diags.Err(); err != nil {
		return err
	}
	stop, err := strconv.Atoi(os.Getenv("REGISTRAR_TEST_STOP"))
	if err != nil {
		return err
	}
	n := 0
	step := func() {
		fmt.Println("step", n)
		if n == stop {
			time.Sleep(time.Hour)
		}
		n++
	}
	o := transfer.Options{Providers: exporters(), LockTimeout: 20 * time.Second, Manifest: args[2]}
	planning := plan.Options{
		Providers: exporters(), Parallelism: 1, LockTimeout: 20 * time.Second, CreatedBy: "planner", Now: time.Now, NewID: uuid.NewString,
		Progress: func(plan.Progress) { step() },
	}
	applying := apply.Options{
		Providers: exporters(), LockTimeout: 20 * time.Second, AppliedBy: "applier", Now: time.Now, Progress: func(apply.Progress) { step() },
		BeforeCommit: func(context.Context, string, *sql.Tx) error { step(); return nil },
	}
	if args[0] == "retire" {
		r, err := transfer.OpenRetirement(ctx, cfg, args[3], o)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, r.Close()) }()
		p, err := r.Plan(ctx, planning)
		if err != nil {
			return err
		}
		step()
		_, err = r.Apply(ctx, p, applying)
		return err
	}
	in, err := transfer.OpenImport(ctx, cfg, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	p, err := in.Plan(ctx, planning)
	if err != nil {
		return err
	}
	step()
	if _, err := in.Apply(ctx, p, applying, false); err != nil {
		return err
	}
	step()
	lines, err := in.Confirm(ctx, p)
	if err != nil {
		return err
	}
	return transfer.WriteConfirmation(args[3], lines)
}

// killed runs a child that is killed at a step, or after a while where there is none. It reports whether it had ended by itself.
func killed(t testing.TB, command []string, stop int, after time.Duration) bool {
	t.Helper()
	cmd := osexec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+strings.Join(command, "\n"), "REGISTRAR_TEST_STOP="+strconv.Itoa(stop))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	if stop < 0 {
		time.Sleep(after)
	} else {
		want := "step " + strconv.Itoa(stop)
		for lines := bufio.NewScanner(out); lines.Scan() && lines.Text() != want; {
		}
	}
	_ = cmd.Process.Kill()
	return cmd.Wait() == nil
}

// transferred is all that a transfer could leave at a server, but for plans that wait.
func (s *server) transferred() []string {
	s.Helper()
	return slices.Concat(s.relations(), s.texts("SELECT count(*) FROM registrar_execution"), s.texts("SELECT count(*) FROM registrar_pause"),
		s.texts("SELECT count(*) FROM registrar_operation o JOIN registrar_execution e ON e.plan_id = o.plan_id"))
}

// Killed at any moment, import and retire leave a server wholly as it was or wholly done, and the same command works then.
func TestKill(t *testing.T) {
	t.Parallel()
	for name, timed := range map[string]bool{"at each step": false, "at any time": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			origin, target := newRelations(t, "ONE", 10), newRelations(t, "ONE", 700)
			nothing := origin.relations()
			origin.apply()
			rows := origin.relations()
			r, err := transfer.Export(t.Context(), origin.load(), origin.options("f"))
			must(t, err)
			confirmation := filepath.Join(t.TempDir(), "confirmation.csv")
			for _, of := range []struct {
				command string
				at      *server
				want    []string
			}{{"import", target, rows}, {"retire", origin, nothing}} {
				before := of.at.transferred()
				kills := 0
				for ended := false; !ended; kills++ {
					if kills > 200 {
						t.Fatalf("%s does not end", of.command)
					}
					command := []string{of.command, of.at.dir, r.Manifest, confirmation}
					if timed {
						ended = killed(t, command, -1, time.Duration(kills)*40*time.Millisecond)
					} else {
						ended = killed(t, command, kills, 0)
					}
					if diff := cmp.Diff(before, of.at.transferred()); !ended && diff != "" {
						if diff := cmp.Diff(of.want, of.at.relations()); diff != "" {
							t.Fatalf("%s, killed, was done in part (-want +got):\n%s", of.command, diff)
						}
						break // it was done, and perhaps not confirmed
					}
				}
				if kills < 3 && !timed {
					t.Errorf("%s was killed %d times", of.command, kills)
				}
				if diff := cmp.Diff(of.want, of.at.relations()); diff != "" {
					t.Errorf("%s (-want +got):\n%s", of.command, diff)
				}
				if of.command == "import" {
					target.confirms(r.Manifest, confirmation)
				}
			}
			if paused := origin.texts("SELECT count(*) FROM registrar_pause"); paused[0] != "3" {
				t.Errorf("%s syncs are paused, want 3", paused[0])
			}
		})
	}
}

// confirms writes the confirmation of the import that was done, again if need be: a killed one had no time to.
func (s *server) confirms(manifest, confirmation string) {
	s.Helper()
	in, err := transfer.OpenImport(s.Context(), s.load(), transfer.Options{Providers: exporters(), LockTimeout: 20 * time.Second, Manifest: manifest})
	must(s, err)
	defer in.Close()
	_, err = in.Plan(s.Context(), s.planOptions())
	taken, ok := errors.AsType[*transfer.TakenError](err)
	if !ok || taken.Before == "" {
		s.Fatalf("the import could be done twice: %v", err)
	}
	p, err := plan.Recall(s.Context(), s.load(), exporters(), taken.Before)
	must(s, err)
	lines, err := in.Confirm(s.Context(), p)
	must(s, err)
	must(s, transfer.WriteConfirmation(confirmation, lines))
}
