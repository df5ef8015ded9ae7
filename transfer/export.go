package transfer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/mail"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/suggest"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/bundle"
)

// ExportOptions say what is exported, and where to.
type ExportOptions struct {
	// Faculties are those to export, by label or code; at least one.
	Faculties []string
	// Dir is a folder that exists; Name is that of both files, without their extensions. "" stands for the faculties and the day.
	Dir, Name string
	// Without are columns that are left out, as COLUMN or TABLE.COLUMN.
	Without []string
	// NoHistory leaves the register's history out.
	NoHistory bool
	Providers []providers.Provider
	Now       time.Time
	By        string // who exports, as user@host
	// LockTimeout is how long another's lock on a database is waited for.
	LockTimeout time.Duration
}

// Export writes the rows of faculties, and what the registers know of them, into a bundle. It changes nothing in any
// database; after an error there is no bundle. Mistakes of the configuration are a *config.DiagnosticsError.
func Export(ctx context.Context, cfg *config.Config, o ExportOptions) (_ *Report, err error) {
	e := &exporter{cfg: cfg, options: o, without: map[string]bool{}}
	if err := e.choose(); err != nil {
		return nil, err
	}
	if e.options.Name == "" {
		e.options.Name = e.defaultName()
	}
	w, err := bundle.Create(o.Dir, e.options.Name, bundle.Head{CreatedOn: o.Now, CreatedBy: o.By})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Abort())
		}
	}()
	if e.places, err = openPlaces(ctx, o.Providers, cfg, e.syncs()); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.places.close()) }()
	if err := e.begin(ctx); err != nil {
		return nil, errors.Join(err, e.rollback())
	}
	if err := errors.Join(e.write(ctx, w), e.rollback()); err != nil {
		return nil, err
	}
	b, err := w.Finish()
	if err != nil {
		return nil, err
	}
	return report(filepath.Join(o.Dir, e.options.Name+".csv"), b, func(i int) (int64, error) { return e.plans[i], nil })
}

type exporter struct {
	cfg       *config.Config
	options   ExportOptions
	faculties []*config.Faculty
	places    places
	txs       map[*place]*sql.Tx
	// without are those of the options that some table has.
	without map[string]bool
	// plans are how many the history of each faculty has.
	plans []int64
}

// choose finds the faculties.
func (e *exporter) choose() error {
	if len(e.options.Faculties) == 0 {
		return errors.New("no faculty is named: expected the label or the code of one at least")
	}
	var known []string
	for _, f := range e.cfg.Faculties {
		known = append(known, f.Label)
		if f.Code != "" && f.Code != f.Label {
			known = append(known, f.Code)
		}
	}
	for _, name := range e.options.Faculties {
		var found []*config.Faculty
		for _, f := range e.cfg.Faculties {
			if f.Label == name || f.Address == name {
				found = append(found, f)
			}
		}
		if len(found) == 0 {
			for _, f := range e.cfg.Faculties {
				if f.Code == name {
					found = append(found, f)
				}
			}
		}
		switch {
		case len(found) == 0 && len(known) == 0:
			return fmt.Errorf("there is no faculty %q: the configuration declares none", name)
		case len(found) == 0:
			return fmt.Errorf("there is no faculty %q.%s There are: %s", name, suggest.Question(name, known), suggest.List(known, 20))
		case len(found) > 1:
			return fmt.Errorf("%q is both %s and %s: name one by its address", name, found[0].Address, found[1].Address)
		case slices.Contains(e.faculties, found[0]):
			return fmt.Errorf("%s is named twice", found[0].Address)
		}
		for _, other := range e.faculties {
			if codeOf(other) == codeOf(found[0]) {
				return fmt.Errorf("%s and %s both go by %q: give each a code of its own, or export them apart", other.Address, found[0].Address, codeOf(other))
			}
		}
		if len(e.of(found[0])) == 0 {
			return fmt.Errorf("%s has no sync, so that nothing is known to be its: there is nothing to export", found[0].Address)
		}
		e.faculties = append(e.faculties, found[0])
	}
	return nil
}

// of lists the instances that are a faculty's, in the configuration's order.
func (e *exporter) of(f *config.Faculty) []*config.Sync {
	var syncs []*config.Sync
	for _, s := range e.cfg.Syncs {
		if s.Faculty == f.Label {
			syncs = append(syncs, s)
		}
	}
	return syncs
}

func (e *exporter) syncs() []*config.Sync {
	var syncs []*config.Sync
	for _, f := range e.faculties {
		syncs = append(syncs, e.of(f)...)
	}
	return syncs
}

func (e *exporter) defaultName() string {
	labels := make([]string, len(e.faculties))
	for i, f := range e.faculties {
		labels[i] = f.Label
	}
	if len(labels) > 3 {
		labels = []string{"faculties"}
	}
	return strings.Join(labels, "-") + "-" + e.options.Now.UTC().Format(time.DateOnly)
}

// begin starts a transaction in each destination, of which all that is exported of it is read: one snapshot.
func (e *exporter) begin(ctx context.Context) (err error) {
	e.txs = map[*place]*sql.Tx{}
	for _, p := range e.places.sorted() {
		if e.txs[p], err = p.Begin(ctx, p.conn, e.options.LockTimeout); err != nil {
			delete(e.txs, p)
			return fmt.Errorf("%s: begin: %w", p.of.Address, p.safe(err))
		}
		// The tables of files are filled with what the files hold; the rollback leaves nothing of it.
		if _, err := plan.Refresh(ctx, e.cfg, p.of, p.Destination, e.txs[p]); err != nil {
			return fmt.Errorf("%s: %w", p.of.Address, p.safe(err))
		}
		p.catalog = plan.NewCatalog(p.Destination, e.txs[p])
	}
	return nil
}

func (e *exporter) rollback() error {
	var failed error
	for p, tx := range e.txs {
		// A context that ended has rolled back already.
		if err := tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
			failed = errors.Join(failed, p.safe(err))
		}
	}
	return failed
}

func (e *exporter) write(ctx context.Context, w *bundle.Writer) error {
	var diags config.Diagnostics
	all := make([][]*exported, len(e.faculties))
	for i, f := range e.faculties {
		var err error
		if all[i], err = e.describe(ctx, f, &diags); err != nil {
			return err
		}
	}
	for _, name := range e.options.Without {
		if !e.without[name] {
			return e.unknownColumn(name, all)
		}
	}
	if err := diags.Err(); err != nil {
		return err
	}
	for i, f := range e.faculties {
		if err := w.Faculty(bundle.Faculty{
			IDExport: codeOf(f), Label: f.Label, Name: f.Name, Contact: contacts(f),
			Origin: all[i][0].to.Origin, Destination: all[i][0].to.Destination,
		}); err != nil {
			return err
		}
		for _, x := range all[i] {
			if err := x.writeTo(ctx, w); err != nil {
				return fmt.Errorf("%s, table %s: %w", x.sync.Address, x.to.Table, x.at.safe(err))
			}
		}
		if e.options.NoHistory {
			continue
		}
		if err := e.writeHistory(ctx, w, all[i]); err != nil {
			return fmt.Errorf("%s: %w", f.Address, err)
		}
	}
	return nil
}

func (e *exporter) unknownColumn(name string, all [][]*exported) error {
	var known []string
	for _, some := range all {
		for _, x := range some {
			if x.target.Table == nil {
				continue // which has its own diagnostic
			}
			for _, c := range x.target.Table.Columns {
				known = append(known, c.Name, x.to.Table+"."+c.Name)
			}
		}
	}
	slices.Sort(known)
	return fmt.Errorf("--without %s: no table that is exported has such a column.%s", name, suggest.Question(name, slices.Compact(known)))
}

// contacts are the addresses that a faculty's notifiers write to.
func contacts(f *config.Faculty) string {
	var addresses []string
	for _, n := range f.Notify {
		if n.Email == nil {
			continue
		}
		for _, to := range n.Email.To {
			one, err := mail.ParseAddress(to)
			if err == nil && !slices.Contains(addresses, one.Address) {
				addresses = append(addresses, one.Address)
			}
		}
	}
	return strings.Join(addresses, "; ")
}
