package csv

import (
	"context"
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
	"github.com/registrar-sync/registrar/internal/value"
)

// openTable opens a table's file and reads its header.
func openTable(ctx context.Context, root *os.Root, o *options, table string) (*rows, error) {
	file, err := openFile(root, o, table)
	if err != nil {
		return nil, err
	}
	r := &rows{ctx: ctx, options: o, file: file, path: path.Join(filepath.ToSlash(o.directory), table+o.extension)}
	if err := r.begin(table); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return r, nil
}

// openFile finds a table's file by its exact name, on file systems too that
// ignore case: a configuration that works there works everywhere.
func openFile(root *os.Root, o *options, table string) (*os.File, error) {
	name := table + o.extension
	if !fs.ValidPath(name) || strings.ContainsAny(table, "\\\x00") {
		return nil, fmt.Errorf("table %q: not the name of a file in directory %q: a name, or names joined by \"/\", none of them \".\" or \"..\", without the extension", table, o.directory)
	}
	entries, err := fs.ReadDir(root.FS(), path.Dir(name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("table %q: list its directory: %w", table, bare(err))
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name()
	}
	if !slices.Contains(names, path.Base(name)) {
		return nil, missing(o, table, names)
	}
	info, err := root.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("table %q: %w", table, bare(err))
	}
	// Opening a pipe would wait for its writer.
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("table %q: %s is not a regular file", table, path.Join(o.directory, name))
	}
	file, err := root.Open(name)
	if err != nil {
		return nil, fmt.Errorf("table %q: %w", table, bare(err))
	}
	return file, nil
}

func missing(o *options, table string, names []string) error {
	var tables []string
	for _, name := range names {
		if base, ok := strings.CutSuffix(name, o.extension); ok && base != "" {
			tables = append(tables, path.Join(path.Dir(table), base))
		}
	}
	text := fmt.Sprintf("table %q: directory %q has no file %q", table, o.directory, table+o.extension)
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
		text += fmt.Sprintf(", and no other *%s", o.extension)
	}
	return errors.New(text)
}

// bare takes the operation and the machine's path off an error of the file system.
func bare(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

// counter counts what was read of a file.
type counter struct {
	src io.Reader
	n   int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.src.Read(p)
	c.n += int64(n)
	return n, err
}

// columnsOf types the columns that a header, or the configuration, names.
func columnsOf(o *options, table string, names []string) ([]column, error) {
	columns := make([]column, len(names))
	for i, name := range names {
		kind, err := o.kindOf(table, name)
		if err != nil {
			return nil, err
		}
		columns[i] = o.reading.column(name, kind)
	}
	// A name without a table may be meant for another of the directory's files;
	// one with this table's name cannot.
	for declared := range o.types {
		name, ok := strings.CutPrefix(declared, table+".")
		is := func(known string) bool { return strings.EqualFold(known, name) || strings.EqualFold(known, declared) }
		if ok && !slices.ContainsFunc(names, is) {
			hint := suggest.Question(name, names)
			if hint == "" {
				hint = " Its columns: " + suggest.List(names, 20) + "."
			}
			return nil, fmt.Errorf("types: table %q has no column %q.%s", table, name, hint)
		}
	}
	return columns, nil
}

// kindOf returns a column's declared type, or text: table.column before column,
// the exact name before one in another case, as row.x ignores case.
func (o *options) kindOf(table, name string) (value.Kind, error) {
	for _, key := range []string{table + "." + name, name} {
		if kind, ok := o.types[key]; ok {
			return kind, nil
		}
		found, match := value.Null, ""
		for declared, kind := range o.types {
			if !strings.EqualFold(declared, key) {
				continue
			}
			if match != "" && kind != found {
				return 0, fmt.Errorf("types: column %q of table %q is meant by both %q and %q", name, table, min(match, declared), max(match, declared))
			}
			found, match = kind, declared
		}
		if match != "" {
			return found, nil
		}
	}
	return value.Text, nil
}
