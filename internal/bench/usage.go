package main

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// usage is what a contestant, or a step of one, took.
type usage struct {
	wall time.Duration
	// client and server are processor time, of all threads, in user and kernel
	// mode. server is 0 for SQLite, and where it cannot be told.
	client, server time.Duration
	peak           int64 // resident memory of the client's process, in bytes; 0: unknown
}

func (u usage) cpu() time.Duration { return u.client + u.server }

func (u usage) plus(v usage) usage {
	return usage{wall: u.wall + v.wall, client: u.client + v.client, server: u.server + v.server, peak: max(u.peak, v.peak)}
}

// serverProcess is PostgreSQL's first process, the parent of all others; 0 where
// there is no /proc to look into.
type serverProcess int

// tick is the unit of /proc/PID/stat, 1/100 s on every system that Go runs on.
const tick = 10 * time.Millisecond

// cpu returns the processor time that the server has taken since it started: its
// first process's own, that of its children that have ended, which the system
// adds to their parent's, and that of those alive. None may be about to end: it
// might be counted on neither side.
func (s serverProcess) cpu() (time.Duration, error) {
	if s == 0 {
		return 0, nil
	}
	own, err := readStat(int(s))
	if err != nil {
		return 0, err
	}
	children, err := s.children()
	if err != nil {
		return 0, err
	}
	sum := own.cpu + own.children
	for _, child := range children {
		sum += child.cpu + child.children
	}
	return sum, nil
}

// children returns the processes of the server that have not been waited for, by
// their number.
func (s serverProcess) children() (map[int]stat, error) {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	children := map[int]stat{}
	for _, file := range files {
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil {
			return nil, err
		}
		child, err := readStat(pid)
		if errors.Is(err, errGone) || child.parent != int(s) {
			continue
		}
		if err != nil {
			return nil, err
		}
		children[pid] = child
	}
	return children, nil
}

// stat is what /proc/PID/stat says of a process.
type stat struct {
	parent        int
	cpu, children time.Duration // children: of those that have ended
}

var errGone = errors.New("the process has ended")

func readStat(pid int) (stat, error) {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return stat{}, errGone
	}
	// The second field is a name in brackets, which may hold blanks and brackets.
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	const parent, user, waited = 1, 11, 13
	if len(fields) < waited+2 {
		return stat{}, errors.New("/proc/PID/stat has too few fields")
	}
	number := func(i int) int64 {
		n, _ := strconv.ParseInt(fields[i], 10, 64)
		return n
	}
	return stat{
		parent:   int(number(parent)),
		cpu:      time.Duration(number(user)+number(user+1)) * tick,
		children: time.Duration(number(waited)+number(waited+1)) * tick,
	}, nil
}
