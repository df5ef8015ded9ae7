//go:build unix

package sqlite

import (
	"os"
	"strconv"
	"syscall"
)

// fileIdentity tells a file from all others of the machine; one part of it is "" where that is not to be had.
func fileIdentity(path string) []string {
	info, err := os.Stat(path)
	if err != nil {
		return []string{""}
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return []string{""}
	}
	return []string{strconv.FormatUint(uint64(stat.Dev), 10), strconv.FormatUint(uint64(stat.Ino), 10)} //nolint:unconvert // they are of other types elsewhere
}
