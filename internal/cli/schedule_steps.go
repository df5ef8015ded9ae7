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
func (a *app) scheduleSteps(state string) error {
	if _, err := a.load(); err != nil {
		return err
	}
	// Two whole minutes must be left to install it.
	when := a.env.Now().Local().Truncate(time.Minute).Add(3 * time.Minute)
	words := append(a.programWords(), "schedule", "test")
	if state != "" {
		location, err := a.stateLocation(state)
		if err == nil && !postgresURL.MatchString(location) {
			location, err = filepath.Abs(location)
		}
		if err != nil {
			return err
		}
		words = append(words, "--state", location)
	}
	a.out().ScheduleSteps(append(words, "--record"), when, runtime.GOOS == "windows")
	return nil
}

// trialFile is beside the service's state or, where that is a server, where its file would be.
func (a *app) trialFile(state string) (string, error) {
	location, err := a.stateLocation(state)
	if err != nil {
		return "", err
	}
	folder := filepath.Dir(location)
	if postgresURL.MatchString(location) {
		folder = filepath.Join(a.dir(), ".registrar")
	}
	return filepath.Join(folder, "schedule-test.jsonl"), nil
}

// recordScheduleTest examines the connections, and notes how it was run.
func (a *app) recordScheduleTest(ctx context.Context, state string) error {
	file, err := a.trialFile(state)
	if err != nil {
		return err
	}
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
	if err := appendLine(file, trial); err != nil {
		return fmt.Errorf("That this was run could not be noted: %w\nThe connections were examined. The note is kept beside the state of serve and run: name a file in a folder that the account may write to, with --state or in the environment variable "+stateVariable+", here, for --recorded and for run.", err) //nolint:staticcheck // the box's headline and prose
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
func (a *app) recordedScheduleTests(state string) error {
	file, err := a.trialFile(state)
	if err != nil {
		return err
	}
	trials, err := readTrials(file)
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
