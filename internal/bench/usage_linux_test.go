package main

import (
	"os"
	"testing"
)

func TestServerProcessTime(t *testing.T) {
	own, err := readStat(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if own.parent != os.Getppid() {
		t.Errorf("the parent of this process is %d, want %d", own.parent, os.Getppid())
	}
	if peak := peakMemory(); peak < 1<<20 {
		t.Errorf("the peak memory of this process is %d bytes", peak)
	}
}
