package providers

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Locator is a Provider that tells what its blocks reach before anything is opened.
type Locator interface {
	// Locate lists all that opening and reading a block with these attributes would reach. Relative
	// paths start at dir. What is wrong with the attributes is an error that repeats none of
	// their values.
	Locate(attributes Attributes, dir string) (Location, error)
}

// Location is what a block reaches.
type Location struct {
	// Hosts are those that may be connected to, as host:port in lower case; a socket is
	// "unix:" and its path.
	Hosts []string
	// Database within its server, as the block names it; "" where it does not, or for files.
	Database string
	// Paths are the files and folders that are read or written, absolute, and with symbolic links followed as
	// far as they exist: data, which comes first, certificates, keys.
	Paths []string
	// Layout: the block says where in its files the names of columns stand, or gives them others. What is called
	// by a name need not be what others know by it then, and a name may be a row's value.
	Layout bool
}

// ResolvePath returns the absolute path that a block's path stands for, symbolic links followed as far as it exists:
// what would be made at its end is behind the links of the folders above it. Relative paths start at dir. Its
// errors do not repeat the path.
func ResolvePath(path, dir string) (string, error) {
	path = filepath.FromSlash(path)
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	} else if slices.Contains(strings.Split(path, string(filepath.Separator)), "..") {
		// Behind a link it leads elsewhere than the text says.
		return "", errors.New("a path is absolute and holds \"..\": write it without")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", errors.New("the working directory is not known")
	}
	return resolve(path, maxLinks)
}

// maxLinks is how many links that lead nowhere yet are followed.
const maxLinks = 40

func resolve(path string, links int) (string, error) {
	resolved, err := filepath.EvalSymlinks(path)
	if err == nil {
		return resolved, nil
	}
	if !errors.Is(err, fs.ErrNotExist) || links == 0 {
		return "", fmt.Errorf("a path cannot be followed: %w", BareError(err))
	}
	parent := filepath.Dir(path)
	if parent == path {
		return path, nil
	}
	folder, err := resolve(parent, links)
	if err != nil {
		return "", err
	}
	path = filepath.Join(folder, filepath.Base(path))
	// A link to what is not there yet: whoever makes the file follows it.
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Mode()&fs.ModeSymlink == 0 {
		return path, nil
	}
	target, err := os.Readlink(path)
	if err != nil {
		return "", fmt.Errorf("a path cannot be followed: %w", BareError(err))
	}
	if !filepath.IsAbs(target) {
		target = filepath.Join(folder, target)
	}
	return resolve(target, links-1)
}

// BareError takes the machine's path off an error of the file system.
func BareError(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

// InGit reports whether a path leads into a .git folder, or is one.
func InGit(path string) bool {
	return slices.ContainsFunc(strings.FieldsFunc(path, func(r rune) bool { return r == '/' || r == filepath.Separator }), func(part string) bool {
		// Windows and macOS know it by other spellings, too.
		return strings.EqualFold(strings.TrimRight(part, ". "), ".git") || strings.EqualFold(part, "git~1")
	})
}
