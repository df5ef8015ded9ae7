package export

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/filetable"
)

// Prepare implements providers.Publisher: it writes each new file beside the old one.
func (d *destination) Prepare(ctx context.Context, q providers.Querier, shapes []providers.TableShape) (err error) {
	root, err := d.directory.Open()
	if err != nil {
		return err
	}
	var written []string
	defer func() {
		if err != nil {
			for _, name := range written {
				err = errors.Join(err, remove(root, name))
			}
		}
		err = errors.Join(err, root.Close())
	}()
	for _, shape := range shapes {
		r, err := d.load(ctx, q, shape.Name)
		if err == nil && r == nil {
			err = errors.New("its file was not looked at")
		}
		if err != nil {
			return fmt.Errorf("table %q: %w", shape.Name, err)
		}
		next, err := d.write(ctx, q, root, r, slices.Concat(shape.Keys...))
		if err != nil {
			return fmt.Errorf("table %q: %w", shape.Name, err)
		}
		written = append(written, next.Temp)
		if next.Hash == r.state.Hash {
			// As it is, but for what does not show in it.
			if err := remove(root, next.Temp); err != nil {
				return err
			}
			r.state.Columns, r.state.Kinds, r.state.Format = next.Columns, next.Kinds, next.Format
		} else {
			r.next = next
		}
		if err := d.save(ctx, q, r); err != nil {
			return err
		}
	}
	return nil
}

// Publish implements providers.Publisher: it gives the new files their places. The store's lock keeps
// others out, who may find a file that is still to be published, too.
func (d *destination) Publish(ctx context.Context, conn *sql.Conn) (err error) {
	const wait = time.Minute
	tx, err := d.Begin(ctx, conn, wait)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	root, err := d.directory.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	lost, failed := d.settleAll(ctx, tx, root)
	for _, text := range lost {
		failed = errors.Join(failed, errors.New(text))
	}
	return errors.Join(failed, tx.Commit())
}

// settleAll settles what is to be published, and says which files were overtaken. One that cannot be settled
// keeps no other from it.
func (d *destination) settleAll(ctx context.Context, q providers.Querier, root *os.Root) (lost []string, failed error) {
	tables, err := d.pending(ctx, q)
	if err != nil {
		return nil, err
	}
	for _, table := range tables {
		r, err := d.load(ctx, q, table)
		if err != nil {
			return nil, err
		}
		done, err := d.settle(ctx, q, root, r)
		failed = errors.Join(failed, err)
		if err == nil && !done {
			lost = append(lost, overtaken(d.directory.Name(r.file)))
		}
	}
	return lost, failed
}

func overtaken(shown string) string {
	return shown + " was changed by others when a new one was about to take its place; it was left as it is: plan again"
}

// settle gives a new file its place, or finds that it has it already. false: the file was changed
// since the apply looked at it; nothing was done, so that nothing is lost. It holds whether or not q's
// transaction commits: whoever comes next finds the same file again.
func (d *destination) settle(ctx context.Context, q providers.Querier, root *os.Root, r *record) (done bool, err error) {
	shown := d.directory.Name(r.file)
	now, err := hashOf(ctx, root, r.file)
	if err != nil {
		return false, fmt.Errorf("%s: %w", shown, err)
	}
	next := *r.next
	switch now {
	case next.Hash:
		if err := remove(root, next.Temp); err != nil {
			return false, err
		}
	case r.state.Hash:
		ready, err := hashOf(ctx, root, next.Temp)
		if err != nil || ready != next.Hash {
			again, err := d.write(ctx, q, root, r, next.Order)
			if err != nil {
				return false, err
			}
			next = *again
		}
		if err := replace(root, next.Temp, r.file); err != nil {
			return false, fmt.Errorf("%s cannot be replaced by the new file, which waits beside it: %w; close what holds it open: the next plan or apply tries again", shown, err)
		}
	default:
		// Its hash is not that of the state: the next reading starts from it.
		r.next = nil
		return false, errors.Join(remove(root, next.Temp), d.save(ctx, q, r))
	}
	next.Temp, next.Order = "", nil
	r.state, r.next = next, nil
	return true, d.save(ctx, q, r)
}

// replace renames a file and has the directory remember it.
func replace(root *os.Root, temp, name string) error {
	if err := root.Rename(temp, name); err != nil {
		return filetable.Bare(err)
	}
	folder, err := root.Open(path.Dir(name))
	if err != nil {
		return nil //nolint:nilerr // it is renamed; only a failing machine could undo it
	}
	_ = folder.Sync() // not every system lets a directory be synced
	return folder.Close()
}

func remove(root *os.Root, name string) error {
	if name == "" {
		return nil
	}
	if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove %s: %w", name, filetable.Bare(err))
	}
	return nil
}

// temp is where a table's new file is made: one name per file and register, so that what a killed
// process left is found again. Who holds the store's lock owns it.
func (d *destination) temp(file string) string {
	sum := sha256.Sum256([]byte(d.register))
	return path.Join(path.Dir(file), "."+path.Base(file)+"."+hex.EncodeToString(sum[:4])+".new")
}

// write writes a table's file under another name.
func (d *destination) write(ctx context.Context, q providers.Querier, root *os.Root, r *record, order []string) (_ *content, err error) {
	table, err := d.Table(ctx, q, r.table)
	if err != nil {
		return nil, err
	}
	next := &content{Format: d.format.Description(), Temp: d.temp(r.file), Order: order}
	columns := make([]providers.Column, len(table.Columns))
	for i, c := range table.Columns {
		next.Columns = append(next.Columns, c.Name)
		next.Kinds = append(next.Kinds, int(kindOf(c.Type)))
		columns[i] = providers.Column{Name: c.Name, Type: value.Type{Kind: kindOf(c.Type), Fraction: c.Type.Fraction}}
	}
	// As private as the file that it replaces, and a new one for its owner only: what is exported
	// often is personal data.
	mode := fs.FileMode(0o600)
	if info, err := root.Stat(r.file); err == nil {
		mode = info.Mode().Perm()
	}
	if err := remove(root, next.Temp); err != nil {
		return nil, err
	}
	file, err := root.OpenFile(next.Temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", d.directory.Name(next.Temp), filetable.Bare(err))
	}
	sum := sha256.New()
	err = d.writeRows(ctx, q, io.MultiWriter(file, sum), r.table, table, columns, order)
	if err == nil {
		err = file.Chmod(mode)
	}
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("write %s: %w", d.directory.Name(next.Temp), errors.Join(filetable.Bare(err), remove(root, next.Temp)))
	}
	next.Hash = text(sum)
	return next, nil
}

// writeRows writes a table's rows by their keys, so that equal rows are equal files.
func (d *destination) writeRows(ctx context.Context, q providers.Querier, w io.Writer, name string, table *sqlgen.Table, columns []providers.Column, order []string) error {
	dialect := d.Dialect()
	texts, by := make([]string, len(columns)), make([]string, 0, len(order)+len(columns))
	for _, c := range order {
		by = append(by, dialect.Quote(c))
	}
	for i, c := range table.Columns {
		texts[i] = dialect.Canonical(dialect.Quote(c.Name), c)
		by = append(by, dialect.Quote(c.Name)) // rows without a key, too
	}
	rows, err := q.QueryContext(ctx, fmt.Sprintf("SELECT %s FROM %s ORDER BY %s", strings.Join(texts, ", "), table.Name, strings.Join(by, ", ")))
	if err != nil {
		return fmt.Errorf("read the rows: %w", err)
	}
	defer rows.Close()
	return d.format.Write(ctx, w, name, columns, d.reading(rows, columns))
}

// reading returns the rows of a query for their canonical texts as values.
func (d *destination) reading(rows *sql.Rows, columns []providers.Column) func(row []value.Value) error {
	cells, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
	for i := range cells {
		into[i] = &cells[i]
	}
	return func(row []value.Value) error {
		if !rows.Next() {
			if err := rows.Err(); err != nil {
				return fmt.Errorf("read the rows: %w", err)
			}
			return io.EOF
		}
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("read a row: %w", err)
		}
		for i, cell := range cells {
			row[i] = value.Value{}
			if !cell.Valid {
				continue
			}
			v, err := columns[i].Type.Fit(value.OfText(cell.String), nil)
			if err == nil {
				v, err = d.format.Fit(columns[i].Type.Kind, v)
			}
			if err != nil {
				return fmt.Errorf("column %q: a value %w", columns[i].Name, err)
			}
			row[i] = v
		}
		return nil
	}
}
