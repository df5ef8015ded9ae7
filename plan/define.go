package plan

import (
	"context"
	"fmt"
	"slices"

	"github.com/registrar-sync/registrar/internal/sqlgen"
)

// definesAside reports whether the engine would commit the transaction in which a table is made.
func (d *destination) definesAside() bool {
	_, commits := d.Dialect().(sqlgen.CommittingDefinitions)
	return commits
}

// create makes an empty staging table; index lets it be searched once it is filled. Where another
// connection has to make them, it makes both now: it would wait for rows that are not committed.
func (d *destination) create(ctx context.Context, table, index sqlgen.Statement) error {
	if !d.definesAside() {
		_, err := d.exec(ctx, table)
		return err
	}
	return d.define(ctx, table, index)
}

// index carries out what create may have done already, and tells the database's planner how large
// the table has become.
func (d *destination) index(ctx context.Context, table string, index sqlgen.Statement) error {
	if index.SQL != "" && !d.definesAside() {
		if _, err := d.exec(ctx, index); err != nil {
			return err
		}
	}
	return d.know(ctx, table)
}

// build makes a staging table, and tells the database's planner how large it has become. Statements
// may be empty.
func (d *destination) build(ctx context.Context, table string, statements ...sqlgen.Statement) error {
	statements = slices.DeleteFunc(statements, func(s sqlgen.Statement) bool { return s.SQL == "" })
	if d.definesAside() {
		defines := func(s sqlgen.Statement) bool { return s.Defines }
		if err := d.define(ctx, slices.DeleteFunc(slices.Clone(statements), func(s sqlgen.Statement) bool { return !s.Defines })...); err != nil {
			return err
		}
		statements = slices.DeleteFunc(statements, defines)
	}
	for _, s := range statements {
		if _, err := d.exec(ctx, s); err != nil {
			return err
		}
	}
	return d.know(ctx, table)
}

// define runs statements on a connection beside the transaction's.
func (d *destination) define(ctx context.Context, statements ...sqlgen.Statement) error {
	if d.aside == nil {
		conn, err := d.Conn(ctx)
		if err != nil {
			return fmt.Errorf("connect to %s: %w", d.connection.Address, err)
		}
		d.aside = conn
	}
	for _, s := range statements {
		if s.SQL == "" {
			continue
		}
		if _, err := d.aside.ExecContext(ctx, s.SQL); err != nil {
			return err
		}
	}
	return nil
}

// know tells the database's planner how large a table has become.
func (d *destination) know(ctx context.Context, table string) error {
	analyzer, ok := d.Dialect().(sqlgen.Analyzer)
	if !ok {
		return nil
	}
	_, err := d.tx.ExecContext(ctx, analyzer.Analyze(table))
	return err
}
