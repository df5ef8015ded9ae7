package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

const formatCSV outputFormat = "csv"

type historyOptions struct {
	syncs, operations    []string
	faculty, key, column string
	since, until         string
	search               register.Search
	plans                bool
	limit                int
	format               formatOptions
}

func (a *app) historyCommand() *cobra.Command {
	var o historyOptions
	c := a.command(&cobra.Command{
		Use:   "history [--sync ADDRESS…] [--key KEY] [--since DATE] [--until DATE] [--plans] [OPTION…] [--format FORMAT]",
		Short: "Show what was done, by key, sync, column, date and author",
		Long: `Shows the operations that were done in the destinations, the latest first, as their
registers tell: when, by which plan, from which commit, who made it and who applied
it, and the columns that changed. With --plans, the plans.

Options narrow it down, all of them together. KEY is written as in the sync's key: its
values, separated by commas where there are several columns, or COLUMN=VALUE; a part
that is looked up goes by its business key. Without --sync it is looked for in every
sync that has such a key. An operation that gave a row the key counts, too. DATE is a
day, such as 2026-09-01, by the configuration's time zone, or an instant, such as
2026-09-01T12:00:00Z; --until leaves out what was done then or later.

What the configuration, or a plan, masks is masked. CSV has a row for each column that
changed, and holds values as they are: NULL and an empty text look alike, and a program
that takes cells for formulas must be told not to. On a terminal, control characters are
escaped.

A key that nothing is known of is no error; a sync, a faculty, a plan or a column is one
that neither the configuration nor a register knows. Where the register of a destination
cannot be read, the others' history is shown all the same.

Exits with 0; with 1 after an error.`,
		Args: cobra.NoArgs,
	}, func(ctx context.Context, _ []string) error { return a.history(ctx, o) })
	f := c.Flags()
	f.StringArrayVar(&o.syncs, "sync", nil, "of the sync or instance `ADDRESS`, also of one that the configuration has no more; may be repeated")
	f.StringVar(&o.faculty, "faculty", "", "of the syncs of `FACULTY`, such as hss")
	f.StringVar(&o.key, "key", "", "about the row of this `KEY`")
	f.StringVar(&o.column, "column", "", "that changed this `COLUMN`")
	f.StringArrayVar(&o.operations, "operation", nil, "of this `OPERATION`, such as delete; may be repeated")
	f.StringVar(&o.since, "since", "", "done on `DATE` or later")
	f.StringVar(&o.until, "until", "", "done before `DATE`")
	f.StringVar(&o.search.Author, "author", "", "of plans that `WHO` made: user@host, the user, or the database's user")
	f.StringVar(&o.search.Commit, "commit", "", "of plans of this git `COMMIT`, or of those that begin so")
	f.StringVar(&o.search.PlanID, "plan", "", "of the plan `PLAN-ID`")
	f.BoolVar(&o.search.Pending, "pending", false, "also of plans that were not applied")
	f.BoolVar(&o.plans, "plans", false, "list plans instead of operations")
	f.IntVar(&o.limit, "limit", 100, "show at most `N`; 0 for all")
	o.format.addFormat(f, "write JSON, as --format json does", formatText, formatJSON, formatCSV)
	return c
}

func (a *app) history(ctx context.Context, o historyOptions) error {
	format, err := o.format.choose(formatText, formatJSON, formatCSV)
	if err != nil {
		return err
	}
	if o.limit < 0 {
		return fmt.Errorf("--limit %d: must not be negative", o.limit)
	}
	for _, operation := range o.operations {
		if !slices.Contains(config.Operations, config.Operation(operation)) {
			return fmt.Errorf("--operation %q: expected one of %v", operation, config.Operations)
		}
	}
	a.output, a.json = format, format == formatJSON
	cfg, err := a.load()
	if err != nil {
		return err
	}
	for _, bound := range []struct {
		option, text string
		into         *time.Time
	}{{"since", o.since, &o.search.Since}, {"until", o.until, &o.search.Until}} {
		if *bound.into, err = dateOf(bound.text, cfg.Settings.Timezone); err != nil {
			return fmt.Errorf("--%s %q: %w", bound.option, bound.text, err)
		}
	}
	o.search.PlanID, o.search.Commit = strings.ToLower(o.search.PlanID), strings.ToLower(o.search.Commit)
	h := &historian{app: a, cfg: cfg, options: &o}
	switch format {
	case formatJSON:
		h.out = a.out().HistoryJSON(o.plans)
	case formatCSV:
		h.out = a.out().HistoryCSV(o.plans, a.env.StdoutIsTerminal)
	default:
		h.out = a.out().HistoryText(cfg.Settings.Timezone)
	}
	return a.withRegisters(ctx, cfg, func(opened []*openedRegister, unread error) error {
		if len(opened) == 0 {
			return unread
		}
		if unread == nil { // else whether something is unknown is not known
			if err := h.known(ctx, opened); err != nil {
				return err
			}
		}
		err := h.tell(ctx, opened)
		return errors.Join(err, unread)
	})
}

// dateOf reads a day, as it begins in the zone, or an instant; "" is the zero time.
func dateOf(text string, zone *time.Location) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		return t, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, errors.New("expected a day, such as 2026-09-01, or an instant, such as 2026-09-01T12:00:00Z")
	}
	return t, nil
}

// historian gathers the history of several registers.
type historian struct {
	app     *app
	cfg     *config.Config
	options *historyOptions
	out     view.History
	shown   int
	notes   []string
	tables  map[[2]string]*sqlgen.Table // by the destination's address and their names

	syncs, faculties []string // those of the configuration, and of registers as far as they were asked
}

// errEnough ends the reading once as much is shown as was asked for.
var errEnough = errors.New("the limit is reached")

func (h *historian) tell(ctx context.Context, opened []*openedRegister) error {
	streams, err := h.streams(ctx, opened)
	for _, s := range streams {
		defer s.stop()
	}
	for err == nil {
		stream, found, failed := latest(streams)
		if err = failed; err != nil || stream == nil {
			break
		}
		err = h.plan(ctx, stream, found)
	}
	complete := !errors.Is(err, errEnough)
	if err != nil && complete {
		return err
	}
	if h.shown == 0 {
		if err := h.columnKnown(ctx, opened); err != nil {
			return err
		}
		nothing := "The registers know nothing of this."
		if h.options.key != "" {
			nothing = "The registers know nothing of the key " + h.options.key + "."
		}
		h.notes = append([]string{nothing}, h.notes...)
	}
	if h.app.output == formatCSV {
		for _, note := range h.notes {
			h.app.err().Say("%s", note)
		}
		if !complete {
			h.app.err().RunWarning("There is more: --limit 0 writes all")
		}
	}
	return h.out.End(h.notes, complete)
}

// plan tells of one plan.
func (h *historian) plan(ctx context.Context, from *historyStream, found *register.Found) error {
	p := &view.HistoryPlan{Destination: from.at.into.Address, Plan: found.Plan, Execution: found.Execution, Counts: map[config.Operation]int64{}}
	wanted := slices.DeleteFunc(slices.Clone(found.Syncs), func(s register.SyncSummary) bool { return !from.about(s.Sync) || !h.wants(&s) })
	for i := range wanted {
		if err := h.sync(ctx, from, p, &wanted[i]); err != nil {
			return err
		}
	}
	asked := len(h.options.syncs)+len(h.options.operations) > 0 || h.options.faculty != "" || h.narrow()
	if !h.options.plans || asked && len(p.Counts) == 0 {
		return nil
	}
	if err := h.count(); err != nil {
		return err
	}
	return h.out.Plan(p)
}

// narrow reports whether operations must be looked at to know which count.
func (h *historian) narrow() bool { return h.options.key != "" || h.options.column != "" }

// wants reports whether a sync of a plan, as it was then, has operations and is among those that were asked for.
func (h *historian) wants(s *register.SyncSummary) bool {
	o := h.options
	if s.Total() == 0 || o.faculty != "" && !ofFaculty(s.Faculty, o.faculty) {
		return false
	}
	sought := plan.Sought{Syncs: o.syncs}
	if !sought.Wants(s.Sync) {
		return false
	}
	return len(o.operations) == 0 || slices.ContainsFunc(o.operations, func(operation string) bool { return s.Counts[config.Operation(operation)] > 0 })
}

// wantsOperation reports whether operations of that kind were asked for.
func (h *historian) wantsOperation(operation config.Operation) bool {
	return len(h.options.operations) == 0 || slices.Contains(h.options.operations, string(operation))
}

// count counts what is shown, and returns errEnough where it is one too many.
func (h *historian) count() error {
	if h.options.limit > 0 && h.shown == h.options.limit {
		return errEnough
	}
	h.shown++
	return nil
}

// sync tells of a plan's operations for one sync.
func (h *historian) sync(ctx context.Context, from *historyStream, p *view.HistoryPlan, s *register.SyncSummary) error {
	if h.options.plans && !h.narrow() {
		for operation, n := range s.Counts {
			if n > 0 && h.wantsOperation(operation) {
				p.Counts[operation] += n
			}
		}
		return nil
	}
	s.Sensitive = append(slices.Clone(s.Sensitive), plan.SensitiveColumns(h.cfg, s.Sync)...)
	of := &plan.Plan{ID: p.Plan.ID, PseudonymKey: p.Plan.PseudonymKey}
	reader, err := of.Reader(ctx, from.at.Register, from.at.Conn, s)
	if err != nil {
		return from.at.safe(err)
	}
	masking := of.Masking(s)
	narrow := register.Narrow{Matches: from.matches, Column: h.options.column}
	for _, operation := range h.options.operations {
		narrow.Operations = append(narrow.Operations, config.Operation(operation))
	}
	if h.options.limit > 0 && h.options.column == "" && !h.options.plans {
		narrow.Limit = h.options.limit - h.shown + 1 // the last one tells that there is more
	}
	table := h.tableOf(ctx, from.at, s.Table)
	var stopped error
	err = reader.OperationsThat(ctx, from.at.Conn, p.Plan.ID, s.AfterSeq, s.LastSeq, &narrow, func(o *register.Operation) error {
		c := plan.Mask(o, masking)
		if h.options.column != "" && !changes(&c, h.options.column) {
			return nil
		}
		if p.Execution != nil {
			stamp(&c, p.Execution.ExecutedOn, table, h.cfg.Settings.Timezone)
		}
		p.Counts[o.Operation]++
		if h.options.plans {
			return nil
		}
		if h.app.output == formatCSV && h.options.column != "" {
			c.Columns = slices.DeleteFunc(c.Columns, func(one plan.ColumnChange) bool { return one.Column != h.options.column })
		}
		if stopped = h.count(); stopped == nil {
			stopped = h.out.Change(p, s, &c)
		}
		if stopped != nil {
			return io.EOF
		}
		return nil
	})
	if stopped != nil {
		return stopped
	}
	return from.at.safe(err)
}

// changes reports whether an operation changes a column, or the row that it refers to.
func changes(c *plan.Change, column string) bool {
	return slices.ContainsFunc(c.Columns, func(one plan.ColumnChange) bool { return one.Changed && one.Column == column })
}
