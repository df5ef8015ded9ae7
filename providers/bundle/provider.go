package bundle

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/internal/suggest"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// Provider reads bundles as sources. It holds no state.
type Provider struct{}

var (
	_ providers.SourceProvider = (*Provider)(nil)
	_ providers.Locator        = (*Provider)(nil)
)

// New returns the provider.
func New() providers.Provider { return &Provider{} }

// Name is the label of its blocks.
func (*Provider) Name() string { return "bundle" }

// SourceSpec declares:
//
//	manifest  the bundle's CSV file, relative to the configuration; required. The ZIP that it names is beside it.
//	faculty   the Id_Export of the faculty whose rows are read; may be left out where the bundle has one
func (*Provider) SourceSpec() hcldec.Spec {
	return hcldec.ObjectSpec{
		"manifest": &hcldec.ValidateSpec{Wrapped: &hcldec.AttrSpec{Name: "manifest", Type: cty.String, Required: true}, Func: checkManifest},
		"faculty":  &hcldec.AttrSpec{Name: "faculty", Type: cty.String},
	}
}

func checkManifest(v cty.Value) hcl.Diagnostics {
	v, _ = v.Unmark()
	if !v.IsKnown() || v.IsNull() {
		return nil
	}
	if text := v.AsString(); strings.TrimSpace(text) == "" || strings.ContainsRune(text, 0) {
		return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Invalid manifest", Detail: "manifest is empty, or no path: name the CSV file of the bundle."}}
	}
	return nil
}

// OpenSource opens the bundle and verifies it whole.
func (*Provider) OpenSource(ctx context.Context, attributes providers.Attributes, dir string) (providers.Source, error) {
	path, err := manifestPath(attributes, dir)
	if err != nil {
		return nil, err
	}
	b, err := Open(ctx, path)
	if err != nil {
		return nil, err
	}
	f, err := b.faculty(attributes.String("faculty"))
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return &source{bundle: b, faculty: f}, nil
}

func (b *Bundle) faculty(id string) (*Faculty, error) {
	var ids []string
	for i := range b.Faculties {
		if f := &b.Faculties[i]; f.IDExport == id || id == "" && len(b.Faculties) == 1 {
			return f, nil
		}
		ids = append(ids, b.Faculties[i].IDExport)
	}
	if id == "" {
		return nil, fmt.Errorf("the bundle has several faculties: set faculty to one of %s", suggest.List(ids, 20))
	}
	return nil, fmt.Errorf("the bundle has no faculty %q.%s It has: %s", id, suggest.Question(id, ids), suggest.List(ids, 20))
}

// source is also its snapshot, and its views: what was verified does not change.
type source struct {
	bundle  *Bundle
	faculty *Faculty
}

// Snapshot implements providers.Source.
func (s *source) Snapshot(ctx context.Context) (providers.Snapshot, error) {
	return snapshot{s}, ctx.Err()
}

// Close implements providers.Source.
func (s *source) Close() error { return s.bundle.Close() }

type snapshot struct{ of *source }

var _ providers.SnapshotSharer = snapshot{}

// Share implements providers.SnapshotSharer.
func (s snapshot) Share(context.Context) (func(context.Context) (providers.Snapshot, error), error) {
	return s.of.Snapshot, nil
}

// Close implements providers.Snapshot: the bundle stays open until its source is closed.
func (snapshot) Close() error { return nil }

// Read implements providers.Snapshot.
func (s snapshot) Read(ctx context.Context, query providers.Query) (providers.Rows, error) {
	switch {
	case query.SQL != "":
		return nil, errors.New(`a bundle has tables only: write table = "…", a table of the bundle or the address of a sync at the origin, instead of a query`)
	case len(query.Params) > 0:
		return nil, errors.New("a bundle takes no parameters: its tables are read whole")
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	sync, err := s.of.find(query.Table)
	if err != nil {
		return nil, err
	}
	reader, err := s.of.bundle.Rows(s.of.faculty, sync)
	if err != nil {
		return nil, err
	}
	return &rows{ctx: ctx, reader: reader, columns: sync.Columns}, nil
}

// find returns the sync of that address, or the only one of that table.
func (s *source) find(table string) (*Sync, error) {
	var found []*Sync
	var names []string
	for i := range s.faculty.Syncs {
		one := &s.faculty.Syncs[i]
		if one.Address == table {
			return one, nil
		}
		if one.Table == table {
			found = append(found, one)
		}
		names = append(names, one.Address, one.Table)
	}
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("the bundle's faculty %q has no table %q.%s It has: %s", s.faculty.IDExport, table, suggest.Question(table, names), suggest.List(names, 20))
	case 1:
		return found[0], nil
	default:
		return nil, fmt.Errorf("the bundle's faculty %q has several syncs of table %q: name one by its address, such as %s", s.faculty.IDExport, table, found[0].Address)
	}
}

type rows struct {
	ctx     context.Context //nolint:containedctx // of the Read that it belongs to
	reader  *Reader
	columns []Column
	failed  error
}

// Columns implements providers.Rows.
func (r *rows) Columns() []providers.Column {
	columns := make([]providers.Column, len(r.columns))
	for i, c := range r.columns {
		columns[i] = providers.Column{Name: c.Name, Type: typeOf(c.Kind)}
	}
	return columns
}

// Next implements providers.Rows.
func (r *rows) Next(row []value.Value) error {
	if r.failed == nil {
		r.failed = r.next(row)
	}
	return r.failed
}

func (r *rows) next(row []value.Value) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	cells, err := r.reader.Next()
	if err != nil {
		return err
	}
	for i := range cells {
		if row[i], err = valueOf(r.columns[i].Kind, cells[i]); err != nil {
			return err // which the reader has ruled out
		}
	}
	return nil
}

// Close implements providers.Rows.
func (r *rows) Close() error { return r.reader.Close() }

// errNoManifest: the attribute is not set, or empty.
var errNoManifest = errors.New("manifest is not set: name the CSV file of the bundle")

// Locate implements providers.Locator. It is the manifest's folder: the ZIP's name stands in the manifest, and links within lead nowhere
// else.
func (*Provider) Locate(attributes providers.Attributes, dir string) (providers.Location, error) {
	folder, _, err := split(attributes)
	if err != nil {
		return providers.Location{}, err
	}
	path, err := providers.ResolvePath(folder, dir)
	if err != nil {
		return providers.Location{}, err
	}
	return providers.Location{Paths: []string{path}}, nil
}
