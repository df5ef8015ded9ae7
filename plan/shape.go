package plan

import (
	"context"
	"fmt"
	"slices"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/providers"
)

// Shapes lists the tables of a destination that syncs write, with all the columns that they
// write: those mapped first, in the order of the configuration.
func Shapes(cfg *config.Config, into *config.Connection) []providers.TableShape {
	var shapes []providers.TableShape
	for _, s := range cfg.Syncs {
		if s.Destination.Into != into {
			continue
		}
		i := slices.IndexFunc(shapes, func(t providers.TableShape) bool { return t.Name == s.Destination.Table })
		if i < 0 {
			i = len(shapes)
			shapes = append(shapes, providers.TableShape{Name: s.Destination.Table})
		}
		addColumns(&shapes[i], s)
		if !slices.ContainsFunc(shapes[i].Keys, func(key []string) bool { return slices.Equal(key, s.Destination.Key) }) {
			shapes[i].Keys = append(shapes[i].Keys, s.Destination.Key)
		}
	}
	return shapes
}

func addColumns(shape *providers.TableShape, s *config.Sync) {
	add := func(name string, instant bool) {
		i := slices.IndexFunc(shape.Columns, func(c providers.ShapeColumn) bool { return c.Name == name })
		if i < 0 {
			i = len(shape.Columns)
			shape.Columns = append(shape.Columns, providers.ShapeColumn{Name: name})
		}
		shape.Columns[i].Instant = shape.Columns[i].Instant || instant
	}
	for _, c := range s.Columns {
		add(c.Name, false)
	}
	for _, a := range slices.Concat(s.Destination.Scope, s.Lifecycle.Archive, s.Lifecycle.Restore) {
		add(a.Column, a.Now)
	}
	for _, stamp := range s.Lifecycle.Stamps {
		add(stamp.Column, true)
	}
}

// filer is a providers.Publisher of files, which no other may write.
type filer interface {
	// File returns the absolute path of a table's file.
	File(table string) (string, error)
}

// checkFiles refuses two destinations of one file: each would take the other's rows for edits by hand.
func (m *maker) checkFiles(d *destination) error {
	files, err := m.filesOf(d)
	if err != nil {
		return err
	}
	for _, other := range m.destinations {
		if other == d {
			continue
		}
		theirs, err := m.filesOf(other)
		if err != nil {
			return err
		}
		for file, table := range files {
			if _, ok := theirs[file]; ok {
				return fmt.Errorf("%s and %s both write the file of table %q: use one destination block for it", other.connection.Address, d.connection.Address, table)
			}
		}
	}
	return nil
}

// filesOf returns the tables of a destination by the places of their files.
func (m *maker) filesOf(d *destination) (map[string]string, error) {
	of, ok := d.Destination.(filer)
	if !ok {
		return nil, nil //nolint:nilnil // none is an answer
	}
	files := map[string]string{}
	for _, shape := range Shapes(m.cfg, d.connection) {
		file, err := of.File(shape.Name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.connection.Address, d.safe(err))
		}
		files[file] = shape.Name
	}
	return files, nil
}

// FileChange is what the next publication of a table changes besides its rows.
type FileChange struct {
	Table string // as the configuration writes it
	Text  string // a sentence, without its full stop
}

// Refresh brings the tables of a providers.Publisher up to date in the transaction q, and returns what
// else the next publication will change. Other destinations need nothing.
func Refresh(ctx context.Context, cfg *config.Config, into *config.Connection, d providers.Destination, q providers.Querier) (changes []FileChange, err error) {
	publisher, ok := d.(providers.Publisher)
	if !ok {
		return nil, nil
	}
	for _, shape := range Shapes(cfg, into) {
		some, err := publisher.Refresh(ctx, q, shape)
		if err != nil {
			return nil, err
		}
		for _, text := range some {
			changes = append(changes, FileChange{shape.Name, text})
		}
	}
	return changes, nil
}

// refresh does it in a transaction of its own: what the plan compares must be there before it is described.
func (d *destination) refresh(ctx context.Context, m *maker) error {
	if _, ok := d.Destination.(providers.Publisher); !ok {
		return nil
	}
	tx, err := d.Begin(ctx, d.conn, m.opts.LockTimeout)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	changes, err := Refresh(ctx, m.cfg, d.connection, d.Destination, tx)
	if err != nil {
		return err
	}
	for _, change := range changes {
		d.files = append(d.files, change.Text)
		m.diags.Warnf(d.connection.Range, "File changes besides its rows", "%s: %s.", d.connection.Address, change.Text)
	}
	return tx.Commit()
}
