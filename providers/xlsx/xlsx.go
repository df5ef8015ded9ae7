// Package xlsx reads tables from spreadsheets, and writes exports as spreadsheets.
//
// A cell has a type of its own, and a number that is a date says so by its format
// only. Both are kept: the text 007 stays a text, a whole number is an integer. As in
// package csv nothing is guessed or repaired; what cannot be read is an error that
// names the cell.
//
// Sheets are streamed with a decoder of this package's own: excelize, which writes
// the exports, streams the texts of cells without their types.
package xlsx

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hcldec"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/filetable"
)

// Provider reads workbooks. It holds no state.
type Provider struct{}

var _ providers.SourceProvider = (*Provider)(nil)

// New returns the provider.
func New() *Provider { return &Provider{} }

// Name is the label of its blocks.
func (*Provider) Name() string { return "xlsx" }

// SourceSpec declares the attributes of source "xlsx" blocks.
func (*Provider) SourceSpec() hcldec.Spec { return sourceSpec() }

// OpenSource checks the attributes and that the directory is there. Files are
// opened by Read.
func (*Provider) OpenSource(ctx context.Context, attributes providers.Attributes, dir string) (providers.Source, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	o, err := newOptions(attributes)
	if err != nil {
		return nil, err
	}
	s := &source{options: o, directory: filetable.NewDirectory(o.directory, dir)}
	root, err := s.directory.Open()
	if err != nil {
		return nil, err
	}
	if err := root.Close(); err != nil {
		return nil, fmt.Errorf("close directory %q: %w", o.directory, err)
	}
	return s, nil
}

type source struct {
	options   *options
	directory filetable.Directory
}

// Snapshot holds the directory open, as that of package csv does.
func (s *source) Snapshot(ctx context.Context) (providers.Snapshot, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	root, err := s.directory.Open()
	if err != nil {
		return nil, err
	}
	return &snapshot{options: s.options, directory: s.directory, root: root}, nil
}

func (s *source) Close() error { return nil }

type snapshot struct {
	options   *options
	directory filetable.Directory
	root      *os.Root
}

var _ providers.SnapshotSharer = (*snapshot)(nil)

// Share returns views that hold the same directory open: all that a snapshot fixes.
func (s *snapshot) Share(context.Context) (func(context.Context) (providers.Snapshot, error), error) {
	return func(ctx context.Context) (providers.Snapshot, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		root, err := s.root.OpenRoot(".")
		if err != nil {
			return nil, fmt.Errorf("open directory %q again: %w", s.options.directory, filetable.Bare(err))
		}
		return &snapshot{options: s.options, directory: s.directory, root: root}, nil
	}, nil
}

func (s *snapshot) Close() error { return s.root.Close() }

func (s *snapshot) Read(ctx context.Context, query providers.Query) (providers.Rows, error) {
	switch {
	case query.SQL != "":
		return nil, errors.New(`an xlsx source has tables only: write table = "…", the name of a workbook or of one of its sheets, instead of a query`)
	case query.Table == "":
		return nil, errors.New("no table is named")
	case len(query.Params) > 0:
		return nil, errors.New("an xlsx source takes no parameters: it reads whole sheets")
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	file, shown, sheet, err := s.open(query.Table)
	if err != nil {
		return nil, err
	}
	kind := func(column string) (value.Kind, bool, error) { return s.options.types.Of(query.Table, column) }
	r, err := openRows(ctx, file, s.options, shown, query.Table, sheet, kind)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// open finds a table's workbook, and the name of its sheet: "" for the first.
func (s *snapshot) open(table string) (file *os.File, shown, sheet string, err error) {
	o := s.options
	if o.file != "" {
		file, err = s.directory.OpenTable(s.root, o.file, "")
		return file, s.directory.Name(o.file), table, err
	}
	book, sheet := table, ""
	if i := strings.LastIndexByte(table, '/'); i > 0 {
		whole, inside := s.exists(table), s.exists(table[:i])
		switch {
		case whole && inside:
			return nil, "", "", fmt.Errorf("table %q: it is both the workbook %s and a sheet of the workbook %s", table, s.directory.Name(table+o.extension), s.directory.Name(table[:i]+o.extension))
		case inside:
			book, sheet = table[:i], table[i+1:]
		}
	}
	file, err = s.directory.OpenTable(s.root, book, o.extension)
	return file, s.directory.Name(book + o.extension), sheet, err
}

func (s *snapshot) exists(book string) bool {
	name, err := s.directory.File(book, s.options.extension)
	if err != nil {
		return false
	}
	entries, err := fs.ReadDir(s.root.FS(), path.Dir(name))
	return err == nil && slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == path.Base(name) })
}

// split returns the directory and the name of a path.
func split(p string) (directory, file string) {
	directory, file = filepath.Split(filepath.FromSlash(p))
	if directory == "" {
		directory = "."
	}
	return filepath.ToSlash(filepath.Clean(directory)), file
}
