package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// contestants are the first arguments with which this program runs as one of
// those that are compared, in a process that does nothing else.
func contestants() map[string]contestant {
	return map[string]contestant{
		"registrar":    registrar,
		"limit":        limit,
		"copy":         directCopy,
		"merge":        merge,
		"tuned-merge":  tunedMerge,
		"prior":        prior,
		"sqlite-limit": sqliteLimit,
		"sqlite-copy":  sqliteCopy,
	}
}

// contestant does its work and returns. Its arguments follow its name.
type contestant func(ctx context.Context, args []string, stdout, stderr io.Writer) error

// The environment by which the benchmark and a contestant's process agree.
const (
	// envContestant is set for contestants, so that a test binary knows that it
	// is one.
	envContestant = "REGISTRAR_BENCH_CONTESTANT"
	// envPeak names the file into which a contestant writes its peak memory.
	envPeak = "REGISTRAR_BENCH_PEAK"
)

func runContestant(ctx context.Context, c contestant, args []string, stdout, stderr io.Writer) int {
	err := c(ctx, args, stdout, stderr)
	if file := os.Getenv(envPeak); file != "" {
		err = errors.Join(err, os.WriteFile(file, []byte(strconv.FormatInt(peakMemory(), 10)), 0o600))
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

// peakMemory returns the largest resident size of this process in bytes; 0 where
// the system does not tell. Not what the parent is told when the process has
// ended: on Linux that is at least what the parent itself had when it started it.
func peakMemory() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if text, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kilobytes, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(text), " kB"), 10, 64)
			return kilobytes << 10
		}
	}
	return 0
}

// two are the arguments of most contestants.
func two(args []string, what string) (first, second string, err error) {
	if len(args) != 2 {
		return "", "", fmt.Errorf("arguments: %s", what)
	}
	return args[0], args[1], nil
}
