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

	"github.com/hashicorp/hcl/v2/hcldec"

	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/filetable"
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

// Snapshot holds the directory open: an export that replaces the directory as a
// whole (a symbolic link turned to the next one) is seen as one state by all the
// reads of a snapshot.
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
	return openTable(ctx, s.root, s.directory, s.options, query.Table)
}

func (s *snapshot) Close() error { return s.root.Close() }
