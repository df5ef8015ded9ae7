package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/internal/view"
)

// scheduleSteps prints how an installed schedule is tried.
func (a *app) scheduleSteps() error {
	if _, err := a.load(); err != nil {
		return err
	}
	dir, err := filepath.Abs(a.dir())
	if err != nil {
		return err
	}
	words := []string{"registrar", "--chdir", dir}
	for _, file := range a.global.variableFiles {
		words = append(words, "--var-file", file) // where relative, it starts in DIR there as here
	}
	// Two whole minutes must be left to install it.
	when := a.env.Now().Local().Truncate(time.Minute).Add(3 * time.Minute)
	a.out().ScheduleSteps(append(words, "schedule", "test", "--record"), when, runtime.GOOS == "windows")
	return nil
}

// trialFile is beside the service's state, relative to the configuration.
func (a *app) trialFile() string { return filepath.Join(a.dir(), ".registrar", "schedule-test.jsonl") }

// recordScheduleTest examines the connections, and notes how it was run.
func (a *app) recordScheduleTest(ctx context.Context) error {
	examined := a.doctor(ctx, doctorOptions{timeout: defaultDoctorTimeout})
	if _, isCode := errors.AsType[codeError](examined); examined != nil && !isCode {
		return examined // without a configuration there is no place for a note
	}
	cwd, err := filepath.Abs(a.env.Dir)
	if err != nil {
		return err
	}
	trial := view.ScheduleTrial{
		Time: a.env.Now().UTC(), By: a.author(), WorkingDirectory: cwd, Terminal: a.env.StdinIsTerminal || a.env.StdoutIsTerminal,
		LoggedOn: loggedOn(ctx, runtime.GOOS, a.author()), Problem: examined != nil,
	}
	if err := appendLine(a.trialFile(), trial); err != nil {
		return fmt.Errorf("note this test: %w\nThe account must be able to write there: serve and run keep their state in that folder, too.", err) //nolint:revive,staticcheck // the box's headline and prose
	}
	return examined
}

func appendLine(file string, line any) error {
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	return errors.Join(err, f.Close())
}

// loggedOn says whether the account of an author has a session, as the system's own tool tells.
func loggedOn(ctx context.Context, system, author string) view.Sessions {
	tool := "who"
	if system == "windows" {
		tool = "quser"
	}
	path, err := exec.LookPath(tool)
	if err != nil {
		return view.SessionsUnknown
	}
	out, err := exec.CommandContext(ctx, path).Output()
	if _, failed := errors.AsType[*exec.ExitError](err); err != nil && (!failed || tool == "who") {
		return view.SessionsUnknown // quser fails where there is no session
	}
	return sessionsOf(out, author)
}

// sessionsOf looks for an author, user@host, in a list of sessions, each of which begins with its user.
func sessionsOf(list []byte, author string) view.Sessions {
	account, _, _ := strings.Cut(author, "@")
	account = account[strings.LastIndex(account, `\`)+1:]
	for line := range bytes.Lines(list) {
		fields := strings.Fields(strings.TrimPrefix(strings.TrimSpace(string(line)), ">"))
		if len(fields) > 0 && strings.EqualFold(fields[0], account) {
			return view.SessionsSome
		}
	}
	return view.SessionsNone
}

// recordedScheduleTests shows which steps were seen.
func (a *app) recordedScheduleTests() error {
	trials, err := readTrials(a.trialFile())
	if err != nil {
		return err
	}
	if a.out().ScheduleTrials(trials, a.env.Now().Location()) {
		return nil
	}
	return codeError(exitHeld)
}

func readTrials(file string) ([]view.ScheduleTrial, error) {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	var trials []view.ScheduleTrial
	for lines := bufio.NewScanner(f); ; {
		if !lines.Scan() {
			return trials, lines.Err()
		}
		var t view.ScheduleTrial
		if err := json.Unmarshal(lines.Bytes(), &t); err != nil {
			return nil, fmt.Errorf("%s is not as schedule test --record writes it: remove it and test again", file)
		}
		trials = append(trials, t)
	}
}
