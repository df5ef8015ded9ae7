// Package export makes file formats destinations: whole files, planned and applied as
// tables are.
//
// The engine speaks SQL. Each file has therefore a table in a store, an SQLite file
// beside the exports that holds the register too, and each table remembers of which
// octets its rows are the reading. A file that others have changed is read into its
// table before anything is compared, so that the file is what counts. An apply
// changes the table and writes the new file under another name in one transaction;
// once that is committed, the file takes its place.
package export

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2/hcldec"

	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/filetable"
)

// Provider is a file format as a source, as it is, and as a destination.
type Provider struct {
	filetable.Exporter
	store providers.DestinationProvider
}

var (
	_ providers.SourceProvider      = (*Provider)(nil)
	_ providers.DestinationProvider = (*Provider)(nil)
	_ providers.Adviser             = (*Provider)(nil)
	_ providers.TransientTeller     = (*Provider)(nil)
)

// New returns the provider of a format whose destinations are kept in stores of the other, which
// must be SQLite: the types that package export declares are spelt as there.
func New(format filetable.Exporter, store providers.DestinationProvider) *Provider {
	return &Provider{Exporter: format, store: store}
}

// Advice implements providers.Adviser.
func (p *Provider) Advice(err error) string {
	if _, ok := errors.AsType[*registerError](err); ok && (errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist)) {
		return "let the user who runs registrar read and write the register's file and its folder, or name another in register"
	}
	for _, of := range []providers.Provider{p.Exporter, p.store} {
		if adviser, ok := of.(providers.Adviser); ok {
			if advice := adviser.Advice(err); advice != "" {
				return advice
			}
		}
	}
	return ""
}

// Transient implements providers.TransientTeller.
func (p *Provider) Transient(err error) bool {
	teller, ok := p.store.(providers.TransientTeller)
	return ok && teller.Transient(err)
}

// DestinationSpec declares the format's attributes, and:
//
//	directory  where the files are; required, and must exist
//	register   the SQLite file of the register and of the tables; relative to
//	           directory, registrar.db unless set
func (p *Provider) DestinationSpec() hcldec.Spec {
	spec := p.FormatSpec()
	spec["directory"] = filetable.Text("directory", true, filetable.CheckDirectory)
	spec["register"] = filetable.Text("register", false, checkRegister)
	return filetable.Together(spec, fmt.Sprintf("Contradictory %s destination", p.Name()), "directory", func(a providers.Attributes) error {
		_, err := p.Format(a)
		return err
	})
}

func checkRegister(path string) error {
	if strings.TrimSpace(path) == "" || strings.ContainsRune(path, 0) {
		return errors.New("it does not name a file")
	}
	return nil
}

// defaultRegister is the register's file in the directory.
const defaultRegister = "registrar.db"

// OpenDestination opens the store, and makes one where there is none.
func (p *Provider) OpenDestination(ctx context.Context, attributes providers.Attributes, dir string) (providers.Destination, error) {
	format, err := p.Format(attributes)
	if err != nil {
		return nil, err
	}
	d := &destination{
		provider: p.Name(), format: format, open: p.Format, directory: filetable.NewDirectory(attributes.String("directory"), dir),
		register: attributes.StringOr("register", defaultRegister),
	}
	root, err := d.directory.Open()
	if err != nil {
		return nil, err
	}
	if err := root.Close(); err != nil {
		return nil, err
	}
	if err := d.makeRegister(); err != nil {
		return nil, &registerError{fmt.Errorf("the register of directory %q: create %s: %w", d.directory.Shown, d.register, filetable.Bare(err))}
	}
	// Not with a write-ahead log: exports often lie on network drives, and nobody
	// else reads the store.
	store := providers.Attributes{"path": d.register, "create": true, "wal": false}
	if d.Destination, err = p.store.OpenDestination(ctx, store, d.directory.Path); err != nil {
		return nil, &registerError{fmt.Errorf("the register of directory %q: %w", d.directory.Shown, err)}
	}
	return d, nil
}

// registerError: the register's file cannot be opened or made.
type registerError struct{ err error }

func (e *registerError) Error() string { return e.err.Error() }

func (e *registerError) Unwrap() error { return e.err }

// makeRegister makes the register's file where it is missing, as private as the exports: it holds their rows. The
// journal beside it gets its permissions from it.
func (d *destination) makeRegister() error {
	file, err := os.OpenFile(d.registerPath(), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return file.Close()
}

func (d *destination) registerPath() string {
	register := filepath.FromSlash(d.register)
	if !filepath.IsAbs(register) {
		register = filepath.Join(d.directory.Path, register)
	}
	return register
}

// destination is a directory of exports. What is not about files is the store's.
type destination struct {
	providers.Destination
	provider  string
	format    filetable.Format
	open      func(providers.Attributes) (filetable.Format, error)
	directory filetable.Directory
	register  string // the store's file, as written
}

var (
	_ providers.Publisher     = (*destination)(nil)
	_ providers.ErrorScrubber = (*destination)(nil)
	_ providers.Compacter     = (*destination)(nil)
)

// SafeError implements providers.ErrorScrubber.
func (d *destination) SafeError(err error) error { return providers.SafeError(d.Destination, err) }

// Compact implements providers.Compacter.
func (d *destination) Compact(ctx context.Context, conn *sql.Conn) error {
	return providers.Compact(ctx, d.Destination, conn)
}

func (d *destination) Identity() string {
	return d.provider + ":" + filepath.ToSlash(d.directory.Shown)
}

// file returns the name of a table's file within the directory.
func (d *destination) file(table string) (string, error) {
	file, err := d.directory.File(table, d.format.Extension())
	if err != nil {
		return "", err
	}
	if strings.EqualFold(filepath.Join(d.directory.Path, filepath.FromSlash(file)), d.registerPath()) {
		return "", fmt.Errorf("table %q: its file would be the register's, %s", table, d.register)
	}
	return file, nil
}

// File returns the place of a table's file, by which destinations that write the same one are told.
func (d *destination) File(table string) (string, error) {
	file, err := d.file(table)
	if err != nil {
		return "", err
	}
	directory, err := filepath.EvalSymlinks(d.directory.Path)
	if err == nil {
		directory, err = filepath.Abs(directory)
	}
	if err != nil {
		return "", fmt.Errorf("directory %q: %w", d.directory.Shown, filetable.Bare(err))
	}
	return filepath.Join(directory, filepath.FromSlash(file)), nil
}
