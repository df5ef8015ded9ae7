// Package ptytest gives tests a terminal: what a program writes to it can be waited for, and keys be pressed. Linux only.
package ptytest

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Terminal is a pseudo-terminal.
type Terminal struct {
	// File is what a program has as its standard input and output.
	File   *os.File
	master *os.File
	mu     sync.Mutex
	shown  strings.Builder
}

// New opens a terminal of so many columns and lines, until the test ends.
func New(t *testing.T, width, height uint16) *Terminal {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	fd := int(master.Fd())
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	p := &Terminal{File: file, master: master}
	p.Resize(t, width, height)
	done := make(chan struct{})
	go func() {
		defer close(done)
		buffer := make([]byte, 4096)
		for {
			n, err := master.Read(buffer)
			p.mu.Lock()
			p.shown.Write(buffer[:n])
			p.mu.Unlock()
			if err != nil { // nobody has the terminal open any more
				return
			}
		}
	}()
	t.Cleanup(func() {
		_ = file.Close()
		<-done
		_ = master.Close()
	})
	return p
}

// Resize sets the size; who has it as his controlling terminal is told.
func (p *Terminal) Resize(t *testing.T, width, height uint16) {
	t.Helper()
	if err := unix.IoctlSetWinsize(int(p.master.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: height, Col: width}); err != nil {
		t.Fatal(err)
	}
}

// Press sends what keys send.
func (p *Terminal) Press(t *testing.T, keys string) {
	t.Helper()
	if _, err := p.master.WriteString(keys); err != nil {
		t.Fatal(err)
	}
}

// Shown is all that was written so far.
func (p *Terminal) Shown() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shown.String()
}

// Wait waits until a text was written behind the first so many octets, and returns how many there are then.
func (p *Terminal) Wait(t *testing.T, after int, text string) int {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		shown := p.Shown()
		if strings.Contains(shown[after:], text) {
			return len(shown)
		}
		if time.Now().After(deadline) {
			t.Fatalf("%q was never shown:\n%q", text, shown[after:])
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// Mode is how the terminal treats what goes through it.
func (p *Terminal) Mode(t *testing.T) unix.Termios {
	t.Helper()
	mode, err := unix.IoctlGetTermios(int(p.File.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return *mode
}
