package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/registrar-sync/registrar/config"
)

// baseline is the plan of the configuration that the plan's own would replace. It is made beside that plan, on
// the same snapshots of the sources and the destinations, and is never applied. What goes wrong with it
// is told in the comparison; the plan does without it then. A nil one is of no configuration.
type baseline struct {
	*maker
	of   *Base
	head *maker
	// reads are its readers, some of them behind those of the plan.
	reads []*reader

	failing sync.Mutex
	failure error
}

func newBaseline(head *maker) *baseline {
	of := head.opts.CompareWith
	if of == nil {
		return nil
	}
	cfg, opts := *of.Config, *head.opts
	cfg.Checks, cfg.Policies = nil, nil // they judge what may be applied; see rules
	opts.Speculative, opts.GitCommit, opts.Progress, opts.Warn = true, of.Commit, nil, nil
	return &baseline{
		maker: &maker{cfg: &cfg, opts: &opts, id: opts.NewID(), now: head.now, created: head.created, pseudonyms: head.pseudonyms, databases: head.databases},
		of:    of, head: head,
	}
}

// fail keeps why the baseline cannot be planned; the first reason counts.
func (b *baseline) fail(err error) {
	b.failing.Lock()
	defer b.failing.Unlock()
	if b.failure == nil {
		b.failure = err
	}
}

// goesOn reports whether there is a baseline that nothing is known against.
func (b *baseline) goesOn() bool {
	if b == nil {
		return false
	}
	b.failing.Lock()
	defer b.failing.Unlock()
	return b.failure == nil
}

// prepare does what the plan's own does. A plan with mistakes ends before it would be compared.
func (b *baseline) prepare(ctx context.Context) {
	if b == nil || b.head.broken() {
		return
	}
	err := b.maker.prepare(ctx, b.selected())
	b.fail(errors.Join(b.diags.Err(), err))
}

// selected are the instances that the plan's targets name. One that the change adds is not among them.
func (b *baseline) selected() []*config.Sync {
	if len(b.opts.Targets) == 0 {
		return b.cfg.Syncs
	}
	return slices.DeleteFunc(slices.Clone(b.cfg.Syncs), func(s *config.Sync) bool { return !slices.ContainsFunc(b.opts.Targets, s.Targeted) })
}

// join has what the plan reads as well read in its snapshots, and returns the readers of all else.
func (b *baseline) join(readers []*reader, with *reading) (alone []*reader) {
	if !b.goesOn() || b.head.broken() {
		return nil
	}
	b.reads = b.readers(with.beside())
	for _, r := range b.reads {
		r.gaveUp = b.fail
		at := slices.IndexFunc(readers, func(other *reader) bool {
			return other.from.Address == r.from.Address && sameBlock(other.from, other.cfg.Dir, r.from, r.cfg.Dir)
		})
		if at < 0 {
			alone = append(alone, r)
		} else {
			readers[at].next = r
		}
	}
	return alone
}

// staged hears what its readers found, once all have ended.
func (b *baseline) staged() {
	if b == nil {
		return
	}
	for _, r := range b.reads {
		b.report(slices.Concat(r.diags...))
	}
	b.fail(b.diags.Err())
	if b.goesOn() {
		return
	}
	for _, w := range b.works {
		w.loan = nil // nobody will read it
	}
}

// compare computes the baseline and its comparison with the plan, within the plan's transactions. After an error
// these are of no use; where the baseline alone fails, they are as before.
func (b *baseline) compare(ctx context.Context, plan *Plan) (*Comparison, error) {
	if b == nil {
		return nil, nil //nolint:nilnil // nobody asked
	}
	c := b.comparison()
	if b.goesOn() {
		if err := b.onSnapshots(ctx, "SAVEPOINT "); err != nil {
			return nil, err
		}
		b.fail(b.compute(ctx, plan, c))
		if b.goesOn() {
			return c, nil
		}
		if err := b.onSnapshots(ctx, "ROLLBACK TO SAVEPOINT "); err != nil {
			return nil, errors.Join(b.failure, err)
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c = b.comparison()
	c.Unavailable = fmt.Sprintf("the configuration of %s cannot be planned: %s", b.of.Ref, told(b.failure))
	return c, nil
}

func (b *baseline) comparison() *Comparison {
	return &Comparison{Ref: b.of.Ref, Commit: b.of.Commit, ConfigDigest: b.cfg.Digest}
}

// onSnapshots sets, or goes back to, a savepoint in the transactions of the plan.
func (b *baseline) onSnapshots(ctx context.Context, what string) error {
	for _, d := range b.head.destinations {
		if _, err := d.tx.ExecContext(ctx, what+"baseline"); err != nil {
			return fmt.Errorf("%s: compare with the configuration of %s: %w", d.connection.Address, b.of.Ref, d.safe(err))
		}
	}
	return nil
}

func (b *baseline) compute(ctx context.Context, plan *Plan, c *Comparison) error {
	if err := b.begin(ctx); err != nil {
		return err
	}
	made, err := b.maker.compare(ctx)
	if err != nil {
		return err
	}
	if len(made.Destinations) > 0 {
		c.PlanID = made.ID
	}
	if err := b.differences(ctx, plan, c); err != nil {
		return err
	}
	// The plan's own follow, when nothing else can go wrong.
	for _, d := range b.destinations {
		if b.head.writesTo(d.database) {
			continue
		}
		if err := d.commit(); err != nil {
			return err
		}
	}
	return nil
}

func (m *maker) writesTo(at *database) bool {
	return slices.ContainsFunc(m.destinations, func(d *destination) bool { return d.database == at })
}

// maxTold bounds the mistakes of a configuration that are told in one line, maxCause what is told of the cause of
// one, in characters.
const (
	maxTold  = 5
	maxCause = 500
)

// told is an error in one line, without the details of most diagnostics: they may quote a source's values, which a
// plan file must not hold. Why a source cannot be read is told before there is any.
func told(err error) string {
	var mistakes *config.DiagnosticsError
	if !errors.As(err, &mistakes) {
		return strings.Join(strings.Fields(err.Error()), " ")
	}
	var list []string
	for _, d := range mistakes.Diagnostics {
		if d.Severity != config.Error {
			continue
		}
		line := d.Summary
		if at := d.Subject.String(); at != "" {
			line = at + ": " + line
		}
		if d.Summary == unreadable {
			cause := []rune(strings.Join(strings.Fields(d.Detail), " "))
			line += ": " + string(cause[:min(len(cause), maxCause)])
		}
		if !slices.Contains(list, line) {
			list = append(list, line)
		}
	}
	if more := len(list) - maxTold; more > 0 {
		list = append(list[:maxTold], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(list, "; ")
}
