package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/providers"
)

// isPlain reports whether each staged value of a sync is a source column's, as it is, and no
// rule looks at any of them.
func isPlain(sync *config.Sync) bool {
	if len(sync.Source.Queries) > 0 || len(sync.Asserts) > 0 {
		return false
	}
	for i := range sync.Columns {
		column := &sync.Columns[i]
		if column.Lookup == nil && !column.Expr.Plain {
			return false
		}
		if column.Lookup != nil && slices.ContainsFunc(column.Lookup.By, func(k config.LookupKey) bool { return !k.Expr.Plain }) {
			return false
		}
	}
	return true
}

// relay stages what a query yields without decoding it; false where it must be decoded.
func (s *staging) relay(ctx context.Context, snapshot providers.Snapshot, t *task, load bool) (done bool, diags config.Diagnostics, err error) {
	sync, target := s.w.sync, s.w.target
	relayer, ok := s.w.into.Destination.(providers.Relayer)
	if !ok || !isPlain(sync) {
		return false, nil, nil
	}
	relay, err := relayer.PrepareRelay(ctx, snapshot, t.query)
	if err != nil {
		return false, nil, ctx.Err() // reading says what is wrong with the query
	}
	defer func() { err = errors.Join(err, relay.Close()) }()
	from := &result{what: t.what}
	for _, c := range relay.Columns() {
		from.names, from.types = append(from.names, c.Name), append(from.types, c.Type)
	}
	b, diags := bindSource(sync, target, from, false)
	if diags.HasErrors() || !load || s.broken() {
		return true, diags, nil
	}
	if err := s.begin(ctx); err != nil {
		return true, nil, err
	}
	columns := relayColumns(sync, target, from, b)
	if usable, diags := s.w.prints.narrow(ctx, s, relay, t, columns); !usable || s.w.prints.nothing() {
		return usable || diags.HasErrors(), diags, ctx.Err()
	}
	rows, err := relay.Run(ctx, s.conn, target.Stage, columns, s.mapper.advance)
	var reading *providers.SourceError
	switch {
	case errors.Is(err, providers.ErrNoRelay):
		s.progress(Staging, 0) // decoding begins with the first record again
		return false, nil, ctx.Err()
	case errors.As(err, &reading):
		return true, nil, fmt.Errorf("%s: reading %s broke off after %d records; nothing was planned: %w", sync.Address, s.from.Address, reading.Rows, providers.SafeError(s.source, reading.Err))
	case err != nil:
		return true, nil, fmt.Errorf("%s: load the staging table in %s: %w", sync.Address, s.w.into.connection.Address, s.w.into.safe(err))
	}
	s.mapper.read, s.staged = rows, s.staged+rows
	return true, nil, nil
}

// relayColumns lists what is copied from where, for a mapping that is bound and plain. A
// NULL is let through only where decoding would stage it and nothing else.
func relayColumns(sync *config.Sync, t *sqlgen.Target, from *result, b *binding) []providers.RelayColumn {
	var columns []providers.RelayColumn
	add := func(staged sqlgen.Column, expr *config.Expr, notNull bool) {
		var none config.Diagnostics // binding reported them
		staged.NotNull = notNull
		columns = append(columns, providers.RelayColumn{Column: staged, From: from.find(&none, expr.Refs[0])})
	}
	for i := range sync.Columns {
		notNull := b.columns[i].isKey || b.columns[i].notNull
		lookup := t.LookupOf(t.Mapped[i])
		if lookup == nil {
			add(t.Mapped[i], &sync.Columns[i].Expr, notNull)
			continue
		}
		for j := range lookup.By {
			// One part that is NULL makes the others NULL, too.
			add(lookup.By[j].Staged, &sync.Columns[i].Lookup.By[j].Expr, notNull || len(lookup.By) > 1)
		}
	}
	return columns
}
