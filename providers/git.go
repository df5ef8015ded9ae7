package providers

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// LeadsIntoGit reports whether the way to a file within root leads through a .git folder, links followed; also where that
// cannot be told. A pipeline's checkout keeps the token there that it was fetched with.
func LeadsIntoGit(root *os.Root, name string) bool {
	separator := string(filepath.Separator)
	rest := strings.Split(filepath.FromSlash(name), separator)
	var at []string // where the way has led to
	for links := 0; len(rest) > 0; {
		part := rest[0]
		rest = rest[1:]
		switch part {
		case "", ".":
			continue
		case "..":
			if len(at) == 0 {
				return true // it leaves root
			}
			at = at[:len(at)-1]
			continue
		}
		if InGit(part) {
			return true
		}
		here := filepath.Join(append(at, part)...)
		info, err := root.Lstat(here)
		if err != nil {
			return true
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			at = append(at, part)
			continue
		}
		target, err := root.Readlink(here)
		if links++; err != nil || links > maxLinks || filepath.IsAbs(target) {
			return true
		}
		rest = append(strings.Split(filepath.FromSlash(target), separator), rest...)
	}
	return false
}
