package plan

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

const (
	// maxAhead is from when on a watermark is a mistake rather than a time: it would hide every
	// change until then. Wall clocks are within it, whatever their zone.
	maxAhead = 24 * time.Hour
	// maxClockSkew is how far two machines that plan may differ.
	maxClockSkew = time.Hour
)

// window is how much of an incremental sync's source a plan reads, and what it sees there. A nil
// window reads everything.
type window struct {
	work   *work
	from   *providers.LowerBound // nil: every record
	kinds  []value.Kind          // that the source can filter by
	ahead  time.Time             // later watermarks are not believed
	column int                   // in the result
	kind   value.Kind            // of the column
	// greatest is the greatest watermark seen, base that of the last applied plan where only what changed
	// since is read; NULL for none.
	greatest, base value.Value
	// missing and purgeSince are the target's own, for a source that is read whole after all.
	missing    string
	purgeSince *sqlgen.Column
}

// openWindows decides for each incremental sync how its source is read.
func (m *maker) openWindows(ctx context.Context) error {
	if m.broken() {
		return nil
	}
	for _, d := range m.destinations {
		err := d.openFingerprints(ctx, m)
		if err == nil {
			err = d.openWindows(ctx, m)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", d.connection.Address, d.safe(err))
		}
	}
	return m.diags.Err()
}

func (d *destination) openWindows(ctx context.Context, m *maker) error {
	var addresses []string
	for _, w := range d.works {
		if w.sync.Incremental.ByWatermark() {
			addresses = append(addresses, w.sync.Address)
		}
	}
	if len(addresses) == 0 {
		return nil
	}
	r := register.New(d.Dialect())
	seenOn, err := r.LastExecution(ctx, d.conn)
	if err != nil {
		return err
	}
	applied, err := r.LastApplied(ctx, d.conn, addresses)
	if err != nil {
		return err
	}
	for _, w := range d.works {
		if !w.sync.Incremental.ByWatermark() {
			continue
		}
		last := applied[w.sync.Address]
		w.summary.Incremental = &register.Incremental{
			Mode: register.ReadAll, Column: w.sync.Incremental.Watermark.Name, FullOn: m.now, After: last.PlanID, SeenOn: seenOn,
			Sensitive: w.masksWatermark(),
		}
		w.window = &window{
			work: w, kinds: filterKinds(m.opts.Providers, w.sync.Source.From), ahead: m.now.Add(maxAhead),
			missing: w.target.Missing, purgeSince: w.target.PurgeSince,
		}
		why, err := d.whyWhole(ctx, m, w, &last)
		if err != nil {
			return fmt.Errorf("%s: %w", w.sync.Address, err)
		}
		if why == "" && w.window.narrow(last.Incremental) != nil {
			why = "the last applied plan's watermark cannot be read"
		}
		w.summary.Incremental.Why = why
	}
	return nil
}

// whyWhole says why a source must be read whole; "" where the records that changed are enough.
func (d *destination) whyWhole(ctx context.Context, m *maker, w *work, last *register.Applied) (string, error) {
	known := last.Incremental
	if why := m.opts.whyWhole(); why != "" {
		return why, nil
	}
	if why := whyPurpose(last); why != "" {
		return why, nil
	}
	switch {
	case last.OutOfSight:
		return "no plan of the sync is among the latest applied ones", nil
	case last.PlanID == "":
		return "no plan of the sync has been applied", nil
	case known == nil:
		return "the last applied plan did not look for a watermark", nil
	case last.ConfigDigest != m.cfg.Digest:
		return "the configuration is not that of the last applied plan", nil
	case last.Overtaken:
		return "another plan of the sync was applied between the making and the applying of the last one", nil
	case known.Watermark == "" && known.LeftUndone != "":
		return "the last applied plan left something undone (" + known.LeftUndone + ")", nil
	case known.Watermark == "":
		return fmt.Sprintf("the last applied plan found no watermark in the source's %s", known.Column), nil
	}
	age := m.now.Sub(known.FullOn)
	if age >= w.sync.Incremental.FullEvery {
		return fmt.Sprintf("the last full one is of %s, and full_every is %s", known.FullOn.UTC().Format(time.RFC3339), spanText(w.sync.Incremental.FullEvery)), nil
	}
	if age < -maxClockSkew {
		return "the last full one lies in the future, so that its age is not known", nil
	}
	pending, err := d.awaitsMove(ctx, m, w)
	if err == nil && pending {
		return "a row is still under a key that a moved block gives as old", nil
	}
	return "", err
}

// whyPurpose says why a source must be read whole behind a plan that did not bring the sync in step with it; "" where
// the last one did.
func whyPurpose(last *register.Applied) string {
	switch {
	case last.Purpose == nil:
		return ""
	case last.Purpose.Kind == register.Revert:
		return "the last applied plan undid another one"
	default:
		return "the last applied plan was not made of this source"
	}
}

// whyWhole says why every source must be read whole; "" where none need be.
func (o *Options) whyWhole() string {
	switch {
	case o.Full:
		return "--full asks for it"
	case o.CompareWith != nil:
		// What a changed mapping does, it does to records, too, that have not changed since the last applied plan.
		return "it is compared with the plan of another configuration"
	}
	return ""
}

// spanText spells a span as the language does.
func spanText(span time.Duration) string {
	const day = 24 * time.Hour
	if span > day && span%day == 0 {
		return strconv.FormatInt(int64(span/day), 10) + "d"
	}
	text := span.String()
	for _, none := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, none) {
			text = text[:len(text)-2]
		}
	}
	return text
}

// awaitsMove reports whether a row is under the old key of a moved block: whether the source still
// has that key, only the whole of it can tell.
func (d *destination) awaitsMove(ctx context.Context, m *maker, w *work) (bool, error) {
	var moves []plannedMove
	for _, move := range w.sync.Moved {
		from, _, err := keyTexts(w.target, w.sync, move.From, m.cfg.Settings.Timezone)
		if err != nil {
			return true, nil // it is reported where moves are looked at
		}
		moves = append(moves, plannedMove{Move: sqlgen.Move{From: from, To: from}})
	}
	if len(moves) == 0 {
		return false, nil
	}
	// Nothing is staged yet: the table stands in for it, and what is said of the stage is not looked at.
	probe := *w.target
	probe.Stage = probe.Table.Name
	for chunk := range slices.Chunk(moves, sqlgen.MaxMoves) {
		if err := moveStates(ctx, d.conn, d.Dialect(), &probe, chunk); err != nil {
			return false, fmt.Errorf("look at moved: %w", err)
		}
	}
	return slices.ContainsFunc(moves, func(move plannedMove) bool { return move.state.oldThere }), nil
}

// masksWatermark reports whether a column that is not shown reads the watermark, or a policy hides it.
func (w *work) masksWatermark() bool {
	if w.sync.Incremental.Sensitive || masksAll(w.sync) {
		return true
	}
	secret := secretRefs(w.sync, w.target)
	for i := range w.sync.Columns {
		if column := &w.sync.Columns[i]; column.Sensitive {
			secret = append(secret, refs(column)...)
		}
	}
	return readsAny([]config.ColumnRef{w.sync.Incremental.Watermark}, secret)
}

func filterKinds(known []providers.Provider, from *config.Connection) []value.Kind {
	for _, p := range known {
		if _, ok := p.(providers.SourceProvider); ok && p.Name() == from.Provider {
			if filterer, ok := p.(providers.Filterer); ok {
				return filterer.FilterKinds()
			}
		}
	}
	return nil
}

// narrow lets only what changed since the last applied plan be read. What is not read is not missing:
// nothing is removed for it. After an error all is read as before.
func (w *window) narrow(last *register.Incremental) error {
	base, err := parseWatermark(last.Kind, last.Watermark)
	if err != nil {
		return err
	}
	w.base = base
	i, target := w.work.summary.Incremental, w.work.target
	bound := before(base, overlap(w.work.sync.Incremental, base.Kind()))
	w.from = &providers.LowerBound{Column: w.work.sync.Incremental.Watermark.Name, Exact: w.work.sync.Incremental.Watermark.Exact, Value: bound}
	i.Mode, i.Since = register.ReadChanged, bound.Text()
	i.FullOn, i.FullRows = last.FullOn, last.FullRows
	target.Missing, target.PurgeSince = "", nil
	return nil
}

// widen takes narrow back.
func (w *window) widen(why string, created time.Time) {
	i, target := w.work.summary.Incremental, w.work.target
	w.from, w.base = nil, value.Value{}
	i.Mode, i.Since, i.Why = register.ReadAll, "", why
	i.FullOn, i.FullRows = created, 0
	target.Missing, target.PurgeSince = w.missing, w.purgeSince
}

// read starts reading what is to be read, and looks at the watermarks on the way.
func (w *window) read(ctx context.Context, snapshot providers.Snapshot, query providers.Query) (providers.Rows, error) {
	if w == nil {
		return snapshot.Read(ctx, query)
	}
	query.From = w.from
	rows, err := snapshot.Read(ctx, query)
	if errors.Is(err, providers.ErrNotComparable) {
		w.widen("the source cannot be filtered by "+w.work.summary.Incremental.Column+": it is not of the type that it was, or the query is one that the engine takes for no part of another", w.ahead.Add(-maxAhead))
		query.From = nil
		rows, err = snapshot.Read(ctx, query)
	}
	if err != nil {
		return nil, err
	}
	return &watchedRows{Rows: rows, window: w}, nil
}

// known reports whether the watermarks need not be looked at: the source itself says which is the
// greatest. Of a query it would have to be run twice for that.
func (w *window) known(ctx context.Context, snapshot providers.Snapshot, query providers.Query) bool {
	if w == nil {
		return true
	}
	ranker, ok := snapshot.(providers.Ranker)
	if !ok || w.from != nil || query.Table == "" || !isPlain(w.work.sync) {
		return false
	}
	at := w.work.sync.Incremental
	greatest, kind, err := ranker.Greatest(ctx, query, at.Watermark.Name, at.Watermark.Exact, w.ahead)
	if err != nil || !slices.Contains(w.kinds, kind) || at.Overlap != nil && !isTime(kind) {
		return false // decoding says what is wrong
	}
	w.kind = kind
	w.see(greatest)
	return true
}

// bind finds the watermark in a result.
func (w *window) bind(from *result) (diags config.Diagnostics) {
	if w == nil {
		return nil
	}
	incremental := w.work.sync.Incremental
	if w.column = from.find(&diags, incremental.Watermark); w.column < 0 {
		return diags
	}
	typ := from.types[w.column]
	w.kind = typ.Kind
	if !slices.Contains(w.kinds, typ.Kind) {
		names := make([]string, len(w.kinds))
		for i, kind := range w.kinds {
			names[i] = kind.String()
		}
		diags.Errorf(incremental.Watermark.Range, "Watermark cannot be compared", "Source column %q is of type %s. What grows with each change is of type %s here: name another column, or convert it in the query.",
			from.names[w.column], typ, strings.Join(names, ", "))
		return diags
	}
	if incremental.Overlap != nil && !isTime(typ.Kind) {
		diags.Errorf(incremental.Range, "Overlap does not fit", "overlap is a span of time, and source column %q is of type %s: leave overlap out.", from.names[w.column], typ)
	}
	return diags
}

// watchedRows are rows whose watermarks are looked at.
type watchedRows struct {
	providers.Rows
	window *window
}

func (r *watchedRows) Next(row []value.Value) error {
	if err := r.Rows.Next(row); err != nil {
		return err
	}
	r.window.see(row[r.window.column])
	return nil
}

// see keeps the greatest watermark. What is of another kind than its column is read each time, and
// so is what is far in the future.
func (w *window) see(v value.Value) {
	switch {
	case v.Kind() != w.kind || v.IsInfinite() || isTime(w.kind) && v.Time().After(w.ahead):
		return
	case w.kind == value.Decimal && strings.ContainsAny(v.Str(), "NI"): // NaN, Infinity
		return
	}
	if w.greatest.IsNull() || compareWatermarks(v, w.greatest) > 0 {
		w.greatest = v
	}
}

// closeWindows says what the next plan may start from, once everything else is decided.
func (m *maker) closeWindows(checks []checkResult) {
	for _, w := range m.works {
		if w.window != nil {
			w.window.close(w.sync.Incremental, w.leavesUndone(checks))
		}
	}
	for _, d := range m.destinations {
		d.hintFull()
	}
}

func (w *window) close(incremental *config.Incremental, undone string) {
	i := w.work.summary.Incremental
	mark := w.base
	if i.Mode == register.ReadAll {
		i.FullRows = w.work.summary.SourceRows
		mark = value.Value{} // what is left undone may be older than any base
	}
	i.FullAfter = i.FullOn.Add(incremental.FullEvery)
	i.LeftUndone = undone
	switch {
	case undone != "": // what is left was read because of base, and must be again
	case mark.IsNull() || !w.greatest.IsNull() && compareWatermarks(w.greatest, mark) > 0:
		mark = w.greatest
	}
	if !mark.IsNull() {
		i.Watermark, i.Kind = mark.Text(), mark.Kind().String()
	}
}

// leavesUndone lists what the plan does not do of what it found, and what is seen again only if its
// record is read again; "" for nothing. Removals that the lifecycle withholds are none of it.
func (w *work) leavesUndone(checks []checkResult) string {
	s := &w.summary
	var withheld, heldBack, found int64
	for operation, n := range s.Withheld {
		if !operation.Removes() {
			withheld += n
		}
	}
	for n := range maps.Values(s.HeldBack) {
		heldBack += n
	}
	for _, result := range checks {
		if slices.Contains(result.check.Staged, s.Sync) {
			found += result.count
		}
	}
	var parts []string
	for _, one := range []struct {
		n    int64
		what string
	}{
		{s.Rejected, "rejected"},
		{s.Unresolved, "unresolved"},
		{s.Ignored, "ignored"},
		{s.Protected, "protected"},
		{withheld, "withheld"},
		{heldBack, "held back"},
		{found, "found by checks"},
	} {
		if one.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", one.n, one.what))
		}
	}
	return strings.Join(parts, ", ")
}

// hintFull tells what to do where rows stay that a full comparison would perhaps remove.
func (d *destination) hintFull() {
	if !slices.ContainsFunc(d.works, func(w *work) bool { return w.summary.Partial() }) {
		return
	}
	for _, w := range d.works {
		if s := &w.summary; s.Blocked != "" {
			liftable := Liftable(s)
			s.Blocked += "; some syncs were read in part, and remove nothing: plan with --full if their rows are in the way"
			s.Held = joinReasons(liftable, s.Blocked)
		}
	}
}

// hideWatermarks takes out of a plan what only the register may hold.
func (p *Plan) hideWatermarks() {
	for i := range p.Destinations {
		syncs := slices.Clone(p.Destinations[i].Syncs)
		for j := range syncs {
			if incremental := syncs[j].Incremental; incremental != nil && incremental.Sensitive {
				masked := *incremental
				masked.Since, masked.Watermark = "", ""
				syncs[j].Incremental = &masked
			}
		}
		p.Destinations[i].Syncs = syncs
	}
}
