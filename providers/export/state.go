package export

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/filetable"
)

// record is what the store knows of a table's file.
type record struct {
	table string
	file  string // within the directory
	// state is the file whose reading the table's rows are, next the one that is to
	// take its place; nil: none is.
	state content
	next  *content
}

// content describes the octets of a file. The zero content is no file at all.
type content struct {
	Hash    string   `json:"hash"`    // SHA-256, in hexadecimal; "" for no file
	Columns []string `json:"columns"` // in the file's order
	Kinds   []int    `json:"kinds"`   // of Columns, a value.Kind each
	Format  string   `json:"format"`  // filetable.Format's description
	// Of next only: where it is until it takes the place, and by what its rows are ordered.
	Temp  string   `json:"temp,omitempty"`
	Order []string `json:"order,omitempty"`
}

// records is the store's table of them.
func (d *destination) records() string { return d.Dialect().RegisterTable("export_file") }

func (d *destination) makeRecords(ctx context.Context, q providers.Querier) error {
	text := d.Dialect().TypeName(value.Text)
	_, err := q.ExecContext(ctx, fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s (name %s NOT NULL PRIMARY KEY, file %s NOT NULL, state %s NOT NULL, next %s)", d.records(), text, text, text, text))
	if err != nil {
		return fmt.Errorf("create the table of files: %w", err)
	}
	return nil
}

// load returns what is known of a table's file; nil where nothing is.
func (d *destination) load(ctx context.Context, q providers.Querier, table string) (*record, error) {
	r := &record{table: table}
	var state string
	var next sql.NullString
	err := q.QueryRowContext(ctx, "SELECT file, state, next FROM "+d.records()+" WHERE name = "+d.Dialect().Placeholder(1), table).Scan(&r.file, &state, &next)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil //nolint:nilnil // "nothing" is an answer, not an error
	}
	if err == nil {
		err = json.Unmarshal([]byte(state), &r.state)
	}
	if err == nil && next.Valid {
		r.next = &content{}
		err = json.Unmarshal([]byte(next.String), r.next)
	}
	if err != nil {
		return nil, fmt.Errorf("read what is known of the file of table %q: %w", table, err)
	}
	return r, nil
}

// save replaces what is known.
func (d *destination) save(ctx context.Context, q providers.Querier, r *record) error {
	state, err := json.Marshal(r.state)
	if err != nil {
		return err
	}
	var next any
	if r.next != nil {
		text, err := json.Marshal(r.next)
		if err != nil {
			return err
		}
		next = string(text)
	}
	p := d.Dialect().Placeholder
	_, err = q.ExecContext(ctx, "DELETE FROM "+d.records()+" WHERE name = "+p(1), r.table)
	if err == nil {
		_, err = q.ExecContext(ctx, fmt.Sprintf("INSERT INTO %s (name, file, state, next) VALUES (%s, %s, %s, %s)", d.records(), p(1), p(2), p(3), p(4)), r.table, r.file, string(state), next)
	}
	if err != nil {
		return fmt.Errorf("record the file of table %q: %w", r.table, err)
	}
	return nil
}

// pending lists the tables of which a file is to take its place.
func (d *destination) pending(ctx context.Context, q providers.Querier) (tables []string, err error) {
	rows, err := q.QueryContext(ctx, "SELECT name FROM "+d.records()+" WHERE next IS NOT NULL ORDER BY name")
	if err != nil {
		return nil, fmt.Errorf("look for files to publish: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			return nil, err
		}
		tables = append(tables, table)
	}
	return tables, rows.Err()
}

var errNotRegular = errors.New("it is not a regular file")

// hashOf returns the hash of a file's octets, "" where there is none.
func hashOf(ctx context.Context, root *os.Root, name string) (_ string, err error) {
	info, err := root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", filetable.Bare(err)
	}
	// What is renamed to a link's place replaces the link; opening a pipe waits for its writer.
	if !info.Mode().IsRegular() {
		return "", errNotRegular
	}
	file, err := root.Open(name)
	if err != nil {
		return "", filetable.Bare(err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	sum := sha256.New()
	if _, err := io.Copy(sum, reader{ctx, file}); err != nil {
		return "", filetable.Bare(err)
	}
	return text(sum), nil
}

func text(sum hash.Hash) string { return hex.EncodeToString(sum.Sum(nil)) }

// reader stops reading with its context.
type reader struct {
	ctx context.Context
	src io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.src.Read(p)
}
