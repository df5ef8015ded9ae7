package enginetest

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/hcl"
	"github.com/registrar-sync/registrar/plan"
)

// childVariable makes the test binary plan or apply and nothing else, so that it can
// be killed.
const childVariable = "REGISTRAR_TEST_CHILD"

func TestMain(m *testing.M) {
	if command := os.Getenv(childVariable); command != "" {
		if err := child(strings.Fields(command)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child is "plan DIR FILE" or "apply DIR FILE". It prints a line at each step, and
// waits to be killed at the one numbered REGISTRAR_TEST_STOP.
func child(args []string) error {
	ctx := context.Background()
	cfg, diags := hcl.Load(args[1], hcl.Options{Providers: known(), Version: "0.1.0"})
	if err := diags.Err(); err != nil {
		return err
	}
	stop, err := strconv.Atoi(os.Getenv("REGISTRAR_TEST_STOP"))
	if err != nil {
		stop = -1
	}
	n := 0
	step := func() {
		fmt.Println("step", n)
		if n == stop {
			time.Sleep(time.Hour)
		}
		n++
	}
	if args[0] == "plan" {
		p, err := plan.Make(ctx, cfg, plan.Options{
			Providers: known(), Parallelism: 2, LockTimeout: 10 * time.Second, Now: time.Now, NewID: uuid.NewString,
			Progress: func(plan.Progress) { step() },
		})
		if err != nil {
			return err
		}
		return p.Save(args[2], plan.SaveOptions{})
	}
	p, err := plan.Open(args[2], plan.OpenOptions{})
	if err != nil {
		return err
	}
	_, err = apply.Apply(ctx, cfg, p, apply.Options{
		Providers: known(), LockTimeout: 10 * time.Second, Now: time.Now, Progress: func(apply.Progress) { step() },
	})
	return err
}

// start runs a child; stop is the step at which it waits, -1 for none.
func (w *world) start(command string, stop int) (*exec.Cmd, *bufio.Scanner) {
	w.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+command+" "+w.dir+" "+filepath.Join(w.dir, "plan.json"), "REGISTRAR_TEST_STOP="+strconv.Itoa(stop))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	w.must(err)
	w.must(cmd.Start())
	return cmd, bufio.NewScanner(out)
}

// Killed at any moment, plan and apply leave the destination wholly as it was or
// wholly done, and the next command works.
func TestKill(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, archiving)
		const n = 2000
		for i := range n {
			w.room(fmt.Sprintf("R%05d", i), "x", i)
		}
		w.now = time.Now()
		w.apply(w.plan())
		change := func(round int) {
			w.exec(w.source, fmt.Sprintf("UPDATE src SET seats = %d", 10000+round))
			w.exec(w.source, fmt.Sprintf("DELETE FROM src WHERE code = 'R%05d'", round))
			w.room(fmt.Sprintf("N%05d", round), "new", round)
		}
		state := func() []string { return w.rows(w.dest, roomState) }
		kill := func(command string, stop int, after time.Duration) (finished bool) {
			cmd, lines := w.start(command, stop)
			if stop >= 0 {
				want := "step " + strconv.Itoa(stop)
				for lines.Scan() && lines.Text() != want {
				}
			} else {
				time.Sleep(after)
			}
			_ = cmd.Process.Kill()
			return cmd.Wait() == nil
		}
		// How long each takes undisturbed says when to kill.
		took := map[string]time.Duration{}
		change(0)
		for _, command := range []string{"plan", "apply"} {
			started := time.Now()
			cmd, _ := w.start(command, -1)
			w.must(cmd.Wait())
			took[command] = time.Since(started)
		}
		points := 12
		if e.slow {
			points = 6
		}
		for i := range points {
			change(1 + i)
			before := state()
			kill("plan", -1, took["plan"]*time.Duration(i+1)/time.Duration(points))
			if !slices.Equal(before, state()) {
				t.Fatal("planning changed the destination")
			}
			cmd, _ := w.start("plan", -1)
			w.must(cmd.Wait())
			p, err := plan.Open(filepath.Join(w.dir, "plan.json"), plan.OpenOptions{})
			w.must(err)
			kill("apply", -1, took["apply"]*time.Duration(i+1)/time.Duration(points))
			w.wholly(p, before, state())
		}
		for i, command := range []string{"plan", "apply"} {
			for step := range 3 {
				change(100 + 10*i + step)
				cmd, _ := w.start("plan", -1)
				w.must(cmd.Wait())
				p, err := plan.Open(filepath.Join(w.dir, "plan.json"), plan.OpenOptions{})
				w.must(err)
				before := state()
				if kill(command, step, 0) {
					t.Fatalf("%s ended before step %d", command, step)
				}
				if !slices.Equal(before, state()) {
					t.Fatalf("killed at step %d, %s had written", step, command)
				}
				w.wholly(p, before, state())
			}
		}
		w.now = time.Now()
		w.apply(w.plan())
		w.settled()
		w.wantSwept()
	})
}

// wholly asserts that the destination is as before or as the plan has it, and that
// the register agrees; it applies the plan if it was not.
func (w *world) wholly(p *plan.Plan, before, after []string) {
	w.Helper()
	executed := w.rows(w.dest, "SELECT count(*) FROM "+w.registerTable("execution")+" WHERE plan_id = '"+p.ID+"'")[0] == "1"
	if executed == slices.Equal(before, after) {
		w.Fatalf("the register says executed = %v, the table changed = %v", executed, !slices.Equal(before, after))
	}
	w.now = time.Now()
	_, err := w.tryApply(p)
	if executed == (err == nil) {
		w.Fatalf("executed = %v, yet applying again says: %v", executed, err)
	}
	if again := w.plan(); again.Changes() {
		w.Fatalf("half done: %s", counts(again))
	}
}
