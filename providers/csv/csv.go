// Package csv reads tables from files of delimited text: one file per table, in
// one directory.
//
// The format is RFC 4180 with the variations that exports really have: another
// delimiter, a declared encoding, dates and numbers as a country writes them.
// Nothing is guessed and nothing is repaired. A file that is not what its source
// block declares is an error with file and line, because a row that is missing
// or shifted would be planned as a deletion or as a change.
package csv

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/hashicorp/hcl/v2/hcldec"

	"github.com/registrar-sync/registrar/providers"
)

// Provider reads directories of delimited text files. It holds no state.
type Provider struct{}

var _ providers.SourceProvider = (*Provider)(nil)

// New returns the provider.
func New() *Provider { return &Provider{} }

// Name is the label of its source blocks.
func (*Provider) Name() string { return "csv" }

// SourceSpec declares the attributes of source "csv" blocks.
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
	path := filepath.FromSlash(o.directory)
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	s := &source{options: o, path: path}
	root, err := s.open()
	if err != nil {
		return nil, err
	}
	if err := root.Close(); err != nil {
		return nil, fmt.Errorf("close directory %q: %w", o.directory, err)
	}
	return s, nil
}

type source struct {
	options *options
	path    string
}

// open opens the directory. Its handle confines every later open to what is
// inside, symbolic links included.
func (s *source) open() (*os.Root, error) {
	info, err := os.Stat(s.path)
	if err != nil {
		return nil, fmt.Errorf("open directory %q: %w", s.options.directory, bare(err))
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("open directory %q: it is a file; name the directory that holds it, and the file as the table", s.options.directory)
	}
	root, err := os.OpenRoot(s.path)
	if err != nil {
		return nil, fmt.Errorf("open directory %q: %w", s.options.directory, bare(err))
	}
	return root, nil
}

// Snapshot holds the directory open: an export that replaces the directory as a
// whole (a symbolic link turned to the next one) is seen as one state by all the
// reads of a snapshot.
func (s *source) Snapshot(ctx context.Context) (providers.Snapshot, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	root, err := s.open()
	if err != nil {
		return nil, err
	}
	return &snapshot{options: s.options, root: root}, nil
}

func (s *source) Close() error { return nil }

type snapshot struct {
	options *options
	root    *os.Root
}

func (s *snapshot) Read(ctx context.Context, query providers.Query) (providers.Rows, error) {
	switch {
	case query.SQL != "":
		return nil, errors.New(`a csv source has tables only: write table = "…", the file's name without its extension, instead of a query`)
	case query.Table == "":
		return nil, errors.New("no table is named")
	case len(query.Params) > 0:
		return nil, errors.New("a csv source takes no parameters: it reads whole files")
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return openTable(ctx, s.root, s.options, query.Table)
}

func (s *snapshot) Close() error { return s.root.Close() }
