package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// prints is how a sync is compared by fingerprints. Of a nil one everything is read.
type prints struct {
	work *work
	// total is how many records the source has, and expected how many of them are in the buckets that
	// are read; told says whether that is known.
	total, expected int64
	told            bool
}

// openFingerprints decides for each sync that asks for it whether fingerprints are compared, and reports
// what stands in the way.
func (d *destination) openFingerprints(ctx context.Context, m *maker) error {
	asks := func(w *work) bool { return w.sync.Incremental != nil && !w.sync.Incremental.ByWatermark() }
	if !slices.ContainsFunc(d.works, asks) {
		return nil
	}
	last, err := register.New(d.Dialect()).LastExecution(ctx, d.conn)
	if err != nil {
		return err
	}
	now := m.now
	if last.After(now) {
		now = last
	}
	var addresses []string
	for _, w := range d.works {
		if asks(w) {
			addresses = append(addresses, w.sync.Address)
		}
	}
	applied, err := register.New(d.Dialect()).LastApplied(ctx, d.conn, addresses)
	if err != nil {
		return err
	}
	for _, w := range d.works {
		if !asks(w) {
			continue
		}
		if obstacles := w.fingerprintObstacles(m); len(obstacles) > 0 {
			var diags config.Diagnostics
			diags.Errorf(w.sync.Incremental.Range, "Fingerprints not possible", "%s cannot be compared by fingerprints: %s. Change that, or remove the incremental block: the source is then read whole.",
				w.sync.Address, strings.Join(obstacles, "; "))
			m.report(diags)
			continue
		}
		w.summary.Fingerprints = &register.Fingerprints{Mode: register.ReadAll, Buckets: w.sync.Incremental.Fingerprints}
		why := m.opts.whyWhole()
		if before := applied[w.sync.Address]; why == "" {
			why = whyPurpose(&before)
		}
		if why != "" {
			w.summary.Fingerprints.Why = why
			continue
		}
		// What is archived has no fingerprint: by the clock by which rows are compared later.
		SetClock(w.target, w.sync, now, m.cfg.Settings.Timezone)
		w.prints = &prints{work: w}
	}
	return nil
}

// fingerprintObstacles lists the rules for which fingerprints would not tell, or not be the same in both
// databases.
func (w *work) fingerprintObstacles(m *maker) []string {
	var list []string
	add := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	s := w.sync
	dialect, ok := w.into.Dialect().(sqlgen.Fingerprinter)
	if !ok || !computesFingerprints(m.opts.Providers, s.Source.From, w.into) {
		add("%s and %s do not compute the same ones (both must be PostgreSQL)", s.Source.From.Address, w.into.connection.Address)
		return list
	}
	for i := range s.Columns {
		switch column := &s.Columns[i]; {
		case column.Lookup != nil:
			add("the value of column %q is looked up", column.Name)
		case !column.Expr.Plain:
			add("the value of column %q is computed, and not a column of the source as it is", column.Name)
		}
	}
	for _, column := range sqlgen.ComparedByServer(w.target) {
		add("compare of column %q depends on each server's own tables", column)
	}
	for _, k := range w.target.Key {
		if !dialect.EqualByText(k) {
			add("column %q of the key, of type %s, takes some values for equal that are not written alike", k.Name, k.Type)
		}
	}
	if len(s.Asserts) > 0 {
		add("it has an assert, which must see each record")
	}
	if slices.ContainsFunc(m.cfg.Checks, func(c *config.Check) bool { return slices.Contains(c.Staged, s.Address) }) {
		add("a check looks at its records, and must see each of them")
	}
	if len(s.Moved) > 0 {
		add("it has moved blocks")
	}
	if s.Destination.Adopt {
		add("it adopts rows of others")
	}
	if len(s.Destination.Parents) > 0 {
		add("its scope depends on the rows of another table (in_parent)")
	}
	return list
}

func computesFingerprints(known []providers.Provider, from *config.Connection, into *destination) bool {
	for _, p := range known {
		if _, ok := p.(providers.SourceProvider); ok && p.Name() == from.Provider {
			fingerprinter, ok := p.(providers.Fingerprinter)
			return ok && fingerprinter.FingerprintsInto(into.Destination)
		}
	}
	return false
}

// narrow compares the fingerprints of a source about to be relayed with the destination's, and lets only the
// rows of buckets that differ be read. usable is false where the relay is no longer. Where anything but
// the types is in the way, all is read.
//
// The destination may change between this and the comparison of rows: of the buckets that are compared
// then that is seen, and of the others by the next plan.
func (p *prints) narrow(ctx context.Context, s *staging, relay providers.Relay, t *task, columns []providers.RelayColumn) (usable bool, diags config.Diagnostics) {
	if p == nil {
		return true, nil
	}
	w, d := p.work, p.work.into.Dialect()
	narrowing, ok := relay.(providers.FingerprintRelay)
	if !ok {
		p.whole("the source's rows are none to fingerprint")
		return true, nil
	}
	count := w.sync.Incremental.Fingerprints
	of := providers.Fingerprinted{
		Key: pick(columns, w.target.Key), Row: pick(columns, w.target.Fingerprinted(d)), Buckets: count,
		Text: func(expr string, c sqlgen.Column) string { return sqlgen.FingerprintText(d, w.target, expr, c) },
	}
	var here, there map[int]providers.Fingerprint
	var purge map[int]bool
	var hereErr, thereErr error
	// Neither is cancelled where the other fails: it would cost a connection that is needed still.
	var both sync.WaitGroup
	both.Go(func() { there, thereErr = narrowing.Fingerprints(ctx, of) })
	both.Go(func() { here, purge, hereErr = p.ofDestination(ctx, s) })
	both.Wait()
	switch {
	case errors.Is(thereErr, providers.ErrNotComparable):
		diags.Errorf(w.sync.Incremental.Range, "Fingerprints not possible", "%s cannot be compared by fingerprints: values of the source's type cannot be compared as those of the destination's: %s.", w.sync.Address, thereErr)
		return false, diags
	case thereErr != nil:
		p.whole("the source did not compute them: " + providers.SafeError(s.source, thereErr).Error())
		return false, nil
	case hereErr != nil:
		p.whole("the destination did not compute them: " + w.into.safe(hereErr).Error())
		return true, nil
	}
	p.compare(there, here, purge)
	if w.target.Buckets != nil {
		t.query.Within = &providers.Within{Key: of.Key, Buckets: w.target.Buckets}
		narrowing.Narrow(t.query.Within)
	}
	return true, nil
}

func pick(columns []providers.RelayColumn, wanted []sqlgen.Column) []providers.RelayColumn {
	picked := make([]providers.RelayColumn, len(wanted))
	for i, column := range wanted {
		picked[i] = columns[slices.IndexFunc(columns, func(c providers.RelayColumn) bool { return c.Name == column.Name })]
	}
	return picked
}

// whole has everything read after all.
func (p *prints) whole(why string) {
	p.told = false
	p.work.summary.Fingerprints.Why = why
}

// ofDestination returns the fingerprints of live rows, and the buckets that have archived ones to purge: a
// record that is back must be seen before they go.
func (p *prints) ofDestination(ctx context.Context, s *staging) (found map[int]providers.Fingerprint, purge map[int]bool, err error) {
	w := p.work
	statement := sqlgen.Fingerprints(w.into.Dialect(), w.target, w.sync.Incremental.Fingerprints)
	rows, err := s.conn.QueryContext(ctx, statement.SQL, statement.Args...)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	found, purge = map[int]providers.Fingerprint{}, map[int]bool{}
	for rows.Next() {
		var bucket int
		var one providers.Fingerprint
		var expired int64
		if err := rows.Scan(&bucket, &one.Rows, &one.Sum, &expired); err != nil {
			return nil, nil, err
		}
		if one.Rows > 0 {
			found[bucket] = one
		}
		if expired > 0 {
			purge[bucket] = true
		}
	}
	return found, purge, rows.Err()
}

// compare finds the buckets to read.
func (p *prints) compare(there, here map[int]providers.Fingerprint, purge map[int]bool) {
	w := p.work
	summary := w.summary.Fingerprints
	buckets := sqlgen.NewBuckets(summary.Buckets)
	differ := 0
	for bucket := range summary.Buckets {
		p.total += there[bucket].Rows
		if there[bucket] == here[bucket] && !purge[bucket] {
			continue
		}
		buckets.Add(bucket)
		differ++
		p.expected += there[bucket].Rows
	}
	p.told = true
	summary.Mode, summary.Differ = register.ReadDiffering, differ
	if differ < summary.Buckets {
		w.target.Buckets = buckets
	}
}

// nothing reports whether there is nothing to read.
func (p *prints) nothing() bool { return p != nil && p.told && p.expected == 0 }

// close says how much was read, once it was: what the source shows must not depend on how often it is asked.
func (p *prints) close(read int64) error {
	if p == nil || !p.told {
		return nil
	}
	if read != p.expected {
		return fmt.Errorf("%s: of %d records that differ from the destination's, the source yielded %d when it was asked for them: its query must yield the same ones each time", p.work.sync.Address, p.expected, read)
	}
	p.work.summary.Fingerprints.Read, p.work.summary.SourceRows = read, p.total
	return nil
}
