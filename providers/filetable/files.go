package filetable

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/internal/suggest"
	"github.com/registrar-sync/registrar/providers"
)

// Directory is where the files are.
type Directory struct {
	Shown string // as the configuration writes it
	Path  string
}

// NewDirectory returns the directory of that name; relative ones start at dir.
func NewDirectory(shown, dir string) Directory {
	p := filepath.FromSlash(shown)
	if !filepath.IsAbs(p) {
		p = filepath.Join(dir, p)
	}
	return Directory{Shown: shown, Path: p}
}

// Open opens the directory. Its handle confines every later open to what is
// inside, symbolic links included.
func (d Directory) Open() (*os.Root, error) {
	info, err := os.Stat(d.Path)
	if err != nil {
		return nil, fmt.Errorf("open directory %q: %w", d.Shown, Bare(err))
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("open directory %q: it is a file; name the directory that holds it, and the file as the table", d.Shown)
	}
	root, err := os.OpenRoot(d.Path)
	if err != nil {
		return nil, fmt.Errorf("open directory %q: %w", d.Shown, Bare(err))
	}
	return root, nil
}

// Name is a file of the directory as messages show it.
func (d Directory) Name(file string) string { return path.Join(filepath.ToSlash(d.Shown), file) }

// File checks a table's name and returns that of its file.
func (d Directory) File(table, extension string) (string, error) {
	name := table + extension
	if !fs.ValidPath(name) || strings.ContainsAny(table, "\\\x00") {
		return "", fmt.Errorf("table %q: not the name of a file in directory %q: a name, or names joined by \"/\", none of them \".\" or \"..\", without the extension", table, d.Shown)
	}
	if providers.InGit(name) {
		return "", fmt.Errorf("table %q: what lies in a .git folder is no table", table)
	}
	return name, nil
}

// OpenTable finds a table's file by its exact name, on file systems too that
// ignore case: a configuration that works there works everywhere.
func (d Directory) OpenTable(root *os.Root, table, extension string) (*os.File, error) {
	name, err := d.File(table, extension)
	if err != nil {
		return nil, err
	}
	entries, err := fs.ReadDir(root.FS(), path.Dir(name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("table %q: list its directory: %w", table, Bare(err))
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name()
	}
	if !slices.Contains(names, path.Base(name)) {
		return nil, d.missing(table, extension, names)
	}
	info, err := root.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("table %q: %w", table, Bare(err))
	}
	if providers.LeadsIntoGit(root, name) {
		return nil, fmt.Errorf("table %q: what lies in a .git folder is no table", table)
	}
	// Opening a pipe would wait for its writer.
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("table %q: %s is not a regular file", table, path.Join(d.Shown, name))
	}
	file, err := root.Open(name)
	if err != nil {
		return nil, fmt.Errorf("table %q: %w", table, Bare(err))
	}
	return file, nil
}

func (d Directory) missing(table, extension string, names []string) error {
	var tables []string
	for _, name := range names {
		if base, ok := strings.CutSuffix(name, extension); ok && base != "" {
			tables = append(tables, path.Join(path.Dir(table), base))
		}
	}
	text := fmt.Sprintf("table %q: directory %q has no file %q", table, d.Shown, table+extension)
	near := suggest.Similar(table, tables)
	switch {
	case len(near) == 1:
		text += fmt.Sprintf(". Did you mean %q?", near[0])
	case len(near) > 1:
		text += ". Similar tables: " + suggest.List(near, 5)
	case len(tables) > 0:
		slices.Sort(tables)
		text += ". Its tables: " + suggest.List(tables, 10)
	default:
		text += fmt.Sprintf(", and no other *%s", extension)
	}
	return errors.New(text)
}

// Bare takes the operation and the machine's path off an error of the file system.
func Bare(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	return err
}

// Changed says that a file is not the one any more that was opened.
func Changed(shown string) error {
	return providers.Unavailable(fmt.Errorf("%s changed while it was read: write exports under another name and rename them when they are complete", shown))
}

// Same reports whether a file has the size and the time that it had before.
func Same(before, after fs.FileInfo) bool {
	return after.Size() == before.Size() && after.ModTime().Equal(before.ModTime())
}

// Counter counts what was read.
type Counter struct {
	Src io.Reader
	N   int64
}

func (c *Counter) Read(p []byte) (int, error) {
	n, err := c.Src.Read(p)
	c.N += int64(n)
	return n, err
}
