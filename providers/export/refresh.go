package export

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/suggest"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/filetable"
)

// Refresh implements providers.Publisher. A file that is not the one of which the table's rows are the
// reading is read again, but for columns that no sync writes.
func (d *destination) Refresh(ctx context.Context, q providers.Querier, shape providers.TableShape) (changes []string, err error) {
	root, err := d.directory.Open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	r, changes, err := d.refresh(ctx, q, root, shape)
	if err != nil {
		return nil, fmt.Errorf("table %q: %w", shape.Name, err)
	}
	table, err := d.Table(ctx, q, shape.Name)
	if err != nil || r.state.Hash == "" {
		return changes, err
	}
	written := make([]string, len(table.Columns))
	for i, c := range table.Columns {
		written[i] = c.Name
	}
	shown := d.directory.Name(r.file)
	if !slices.Equal(written, r.state.Columns) {
		changes = append(changes, fmt.Sprintf("%s has the columns %s; the next apply to it writes %s", shown, all(r.state.Columns), all(written)))
	}
	if r.state.Format != d.format.Description() {
		changes = append(changes, fmt.Sprintf("%s was written with other attributes of the destination block; the next apply to it writes it with the present ones", shown))
	}
	return changes, nil
}

// all lists every name: an apply knows by the text whether a plan told of the same columns.
func all(names []string) string { return suggest.List(names, len(names)) }

func (d *destination) refresh(ctx context.Context, q providers.Querier, root *os.Root, shape providers.TableShape) (_ *record, changes []string, err error) {
	if err := d.makeRecords(ctx, q); err != nil {
		return nil, nil, err
	}
	file, err := d.file(shape.Name)
	if err != nil {
		return nil, nil, err
	}
	if folder := path.Dir(file); folder != "." {
		if info, err := root.Stat(folder); err != nil || !info.IsDir() {
			return nil, nil, fmt.Errorf("there is no directory %s: create it", d.directory.Name(folder))
		}
	}
	// Of all tables: one may have left the configuration.
	if changes, err = d.settleAll(ctx, q, root); err != nil {
		return nil, nil, err
	}
	r, err := d.load(ctx, q, shape.Name)
	if err != nil {
		return nil, nil, err
	}
	hash, err := hashOf(ctx, root, file)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", d.directory.Name(file), err)
	}
	// A process that was killed before its commit leaves it.
	if err := remove(root, d.temp(file)); err != nil {
		return nil, nil, err
	}
	wanted, err := d.wanted(shape)
	if err != nil {
		return nil, nil, err
	}
	have, err := d.described(ctx, q, shape.Name)
	if err != nil {
		return nil, nil, err
	}
	known := r != nil && r.file == file && r.state.Hash == hash
	if known && have != nil && d.fits(have, wanted, shape.Keys) {
		return r, changes, nil
	}
	from := reading{format: d.format, kind: func(name string) (value.Kind, error) {
		if i := find(wanted, name); i >= 0 {
			return wanted[i].kind, nil
		}
		return d.format.Kind(shape.Name, name)
	}, expected: names(wanted)}
	if known {
		// From the file and by the attributes that it was written with, not from the table: what a plan
		// that is never applied makes of the table is no loss.
		if from, err = d.recorded(r); err != nil {
			return nil, nil, err
		}
	} else {
		if r != nil && r.file == file && len(r.state.Columns) > 0 {
			from.expected = r.state.Columns
		}
		r = &record{table: shape.Name, file: file, state: content{Hash: hash, Format: d.format.Description()}}
	}
	if err := d.read(ctx, q, root, r, from, wanted, shape.Keys); err != nil {
		return nil, nil, err
	}
	return r, changes, d.save(ctx, q, r)
}

// reading is how a file is read.
type reading struct {
	format   filetable.Format
	kind     func(column string) (value.Kind, error)
	expected []string // the columns of a file that does not name its own
}

// recorded is how the file is read that was written or read last.
func (d *destination) recorded(r *record) (reading, error) {
	if r.state.Hash == "" {
		return reading{}, nil
	}
	attributes := providers.Attributes{}
	if err := json.Unmarshal([]byte(r.state.Format), &attributes); err != nil {
		return reading{}, fmt.Errorf("read how %s was written: %w", d.directory.Name(r.file), err)
	}
	format, err := d.open(attributes)
	if err != nil {
		return reading{}, fmt.Errorf("%s was written in a way that this program does not know: %w", d.directory.Name(r.file), err)
	}
	return reading{format: format, expected: r.state.Columns, kind: func(name string) (value.Kind, error) {
		if i := slices.Index(r.state.Columns, name); i >= 0 && i < len(r.state.Kinds) {
			return value.Kind(r.state.Kinds[i]), nil
		}
		return value.Text, nil
	}}, nil
}

// read makes the table of a file anew, by what is in the file.
func (d *destination) read(ctx context.Context, q providers.Querier, root *os.Root, r *record, from reading, wanted []column, keys [][]string) error {
	if r.state.Hash == "" {
		return d.rebuild(ctx, q, r.table, wanted, keys, func(string) error { return nil })
	}
	file, err := root.Open(r.file)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s was removed while it was read", d.directory.Name(r.file))
	}
	if err != nil {
		return filetable.Bare(err)
	}
	rows, err := from.format.Read(ctx, file, d.directory.Name(r.file), r.table, from.kind, from.expected)
	if err != nil {
		return fmt.Errorf("read the file as it is now: %w", err)
	}
	err = d.readRows(ctx, q, r, wanted, keys, rows)
	return errors.Join(err, rows.Close())
}

func (d *destination) readRows(ctx context.Context, q providers.Querier, r *record, wanted []column, keys [][]string, rows providers.Rows) error {
	into := make([]*column, len(rows.Columns())) // nil: no sync writes it
	r.state.Columns, r.state.Kinds = nil, nil
	for i, c := range rows.Columns() {
		if find(wanted, c.Name) >= 0 {
			into[i] = &wanted[find(wanted, c.Name)]
		}
		if slices.ContainsFunc(r.state.Columns, func(name string) bool { return strings.EqualFold(name, c.Name) }) {
			return fmt.Errorf("%s has two columns %q, which differ in case only", d.directory.Name(r.file), c.Name)
		}
		r.state.Columns, r.state.Kinds = append(r.state.Columns, c.Name), append(r.state.Kinds, int(c.Type.Kind))
	}
	return d.rebuild(ctx, q, r.table, wanted, keys, func(fresh string) error {
		return d.insert(ctx, q, fresh, into, d.directory.Name(r.file), rows)
	})
}

// rebuild gives a table other columns, and rows by fill. Nothing refers to tables of the store.
func (d *destination) rebuild(ctx context.Context, q providers.Querier, name string, columns []column, keys [][]string, fill func(fresh string) error) error {
	dialect := d.Dialect()
	fresh := dialect.RegisterTable("export_new")
	parts := make([]string, len(columns))
	for i, c := range columns {
		parts[i] = dialect.Quote(c.name) + " " + d.declare(c.kind)
	}
	if _, err := q.ExecContext(ctx, fmt.Sprintf("CREATE TABLE %s (%s)", fresh, strings.Join(parts, ", "))); err != nil {
		return fmt.Errorf("create its table: %w", err)
	}
	if err := fill(fresh); err != nil {
		return err
	}
	for _, key := range keys {
		if err := d.checkUnique(ctx, q, fresh, key); err != nil {
			return err
		}
	}
	statements := []string{"DROP TABLE IF EXISTS " + dialect.Quote(name), fmt.Sprintf("ALTER TABLE %s RENAME TO %s", fresh, dialect.Quote(name))}
	for i, key := range keys {
		index := dialect.Quote(fmt.Sprintf("registrar_key_%d_%s", i+1, name))
		statements = append(statements, fmt.Sprintf("CREATE UNIQUE INDEX %s ON %s (%s)", index, dialect.Quote(name), quoted(dialect, key)))
	}
	for _, statement := range statements {
		if _, err := q.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("make its table: %w", err)
		}
	}
	return nil
}

func quoted(dialect sqlgen.Dialect, names []string) string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = dialect.Quote(name)
	}
	return strings.Join(out, ", ")
}

// checkUnique finds rows of one key before an index would, without a word about their places.
func (d *destination) checkUnique(ctx context.Context, q providers.Querier, fresh string, key []string) error {
	dialect := d.Dialect()
	var doubled int64
	known := make([]string, len(key))
	for i, name := range key {
		known[i] = dialect.Quote(name) + " IS NOT NULL"
	}
	query := fmt.Sprintf("SELECT count(*) FROM (SELECT 1 AS one FROM %s WHERE %s GROUP BY %s HAVING count(*) > 1) AS doubled", fresh, strings.Join(known, " AND "), quoted(dialect, key))
	if err := q.QueryRowContext(ctx, query).Scan(&doubled); err != nil {
		return fmt.Errorf("look for rows of one key: %w", err)
	}
	if doubled > 0 {
		return fmt.Errorf("the file that is there has %d keys (%s) which several of its rows have: remove the rows that are too many, or the file", doubled, strings.Join(key, ", "))
	}
	return nil
}

// So many parameters a statement, and so many rows at most: more are not faster.
const (
	maxParameters = 30_000
	maxRows       = 64
)

// insert fills a table with a file's rows, of which each value goes into the column of its place.
func (d *destination) insert(ctx context.Context, q providers.Querier, fresh string, places []*column, shown string, rows providers.Rows) error {
	var into []column
	for _, c := range places {
		if c != nil {
			into = append(into, *c)
		}
	}
	if len(into) == 0 {
		return fmt.Errorf("%s has none of the columns that syncs write: remove it, or export under another name", shown)
	}
	perStatement := max(1, min(maxRows, maxParameters/len(into)))
	row := make([]value.Value, len(places))
	var args []any
	flush := func() error {
		if len(args) == 0 {
			return nil
		}
		_, err := q.ExecContext(ctx, d.insertStatement(fresh, into, len(args)/len(into)), args...)
		args = args[:0]
		if err != nil {
			return fmt.Errorf("load the rows of %s: %w", shown, err)
		}
		return nil
	}
	for n := int64(1); ; n++ {
		err := rows.Next(row)
		if errors.Is(err, io.EOF) {
			return flush()
		}
		if err != nil {
			return fmt.Errorf("read the file as it is now: %w", err)
		}
		for i, c := range places {
			if c == nil {
				continue
			}
			v, err := d.refit(c.kind, row[i])
			if err != nil {
				return fmt.Errorf("%s, row %d of its data, column %q: its value %w; mend it, or remove the file", shown, n, c.name, err)
			}
			if v.IsNull() {
				args = append(args, nil)
			} else {
				args = append(args, v.Text())
			}
		}
		if len(args) == perStatement*len(into) {
			if err := flush(); err != nil {
				return err
			}
		}
	}
}

func (d *destination) insertStatement(fresh string, into []column, rows int) string {
	dialect := d.Dialect()
	tuples := make([]string, rows)
	n := 0
	for i := range tuples {
		values := make([]string, len(into))
		for j, c := range into {
			n++
			values[j] = dialect.FromText(dialect.Placeholder(n), d.sqlColumn(c))
		}
		tuples[i] = "(" + strings.Join(values, ", ") + ")"
	}
	return fmt.Sprintf("INSERT INTO %s (%s) VALUES %s", fresh, quoted(dialect, names(into)), strings.Join(tuples, ", "))
}
