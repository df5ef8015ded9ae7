package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/tui"
	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

type pagerOptions struct {
	identity string
	file     string
}

func (a *app) reviewCommand() *cobra.Command {
	var o pagerOptions
	c := a.command(&cobra.Command{
		Use:   "review [--identity FILE] FILE | PLAN-ID",
		Short: "Look through a saved plan on the terminal",
		Long: `Shows a saved plan on the whole terminal, to page, filter and search through its
operations and findings. Nothing is changed: what is to be done is done by
registrar apply. Sensitive values stay masked. The key ? lists the keys, q ends.

Everything is read from the registers, as show --all does; where they cannot be
reached, from the plan's file, which holds the first operations of each sync.

Where standard input or output is no terminal, TERM is dumb or
REGISTRAR_IN_AUTOMATION is set, it does what registrar show does.

Exits as registrar show: with 0; with 1 after an error; with 3 if a guard or a check
holds the plan or a part of it, unless the registers were read and it was applied whole.`,
		Args: oneArgument("FILE or PLAN-ID, which names a saved plan"),
	}, func(ctx context.Context, args []string) error {
		o.file = args[0]
		return a.pager(ctx, o)
	})
	c.Flags().StringVar(&o.identity, "identity", "", "decrypt the plan file with the age identities in `FILE` (default $"+identityVariable+")")
	return c
}

func (a *app) pager(ctx context.Context, o pagerOptions) (err error) {
	in, out := a.screen()
	if in == nil {
		return a.show(ctx, showOptions{file: o.file, identity: o.identity})
	}
	r, err := a.openReview(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	review := tui.Review{Plan: r.plan, Source: r.source, Words: view.Words{Now: a.env.Now()}, Cut: r.cut, Theme: tui.Theme(view.NewTheme(a.colours()))}
	if err := tui.Run(ctx, review, in, out); err != nil {
		return err
	}
	return r.known.code(r.plan)
}

// screen returns the terminal where somebody can look and type, nil where there is none.
func (a *app) screen() (in, out *os.File) {
	if !a.env.StdinIsTerminal || !a.env.StdoutIsTerminal || a.automation() || a.environ("TERM") == "dumb" {
		return nil, nil
	}
	in, _ = a.env.Stdin.(*os.File)
	out, _ = a.env.Stdout.(*os.File)
	if in == nil || out == nil {
		return nil, nil
	}
	return in, out
}

// reviewed is a plan that somebody looks through.
type reviewed struct {
	plan   *plan.Plan
	source tui.Source
	known  registerFacts
	stored *stored // nil where the registers could not be reached
	cut    string  // why the source does not have all; "" where it has
}

func (r *reviewed) close() error {
	if r.stored == nil {
		return nil
	}
	return r.stored.close()
}

// openReview opens a plan and what reads it.
func (a *app) openReview(ctx context.Context, o pagerOptions) (_ *reviewed, err error) {
	r := &reviewed{}
	byID := a.isPlanID(o.file)
	if !byID {
		// What is wrong with the file is an error, whatever the registers say.
		if r.plan, err = a.openFile(o.file, o.identity); err != nil {
			return nil, err
		}
	}
	found, err := a.openRegisters(ctx, o)
	var differs *otherPlanError
	switch {
	case err == nil:
		return found, nil
	case byID || ctx.Err() != nil || errors.As(err, &differs):
		return nil, err
	}
	reason, _, _ := strings.Cut(err.Error(), "\n")
	r.source, r.cut = excerptSource{r.plan}, "only the first operations of each sync, from the file; the registers could not be read: "+reason
	return r, nil
}

// openRegisters opens the plan where the configuration says that its registers are.
func (a *app) openRegisters(ctx context.Context, o pagerOptions) (*reviewed, error) {
	a.quiet = true // what is written now would be behind the screen
	p, cfg, err := a.openSaved(ctx, o.file, o.identity, true)
	if err != nil {
		return nil, err
	}
	s, err := a.openStored(ctx, cfg, p)
	if err != nil {
		return nil, err
	}
	known, err := a.facts(ctx, cfg, p)
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return &reviewed{plan: p, source: &registerSource{s, p}, known: known, stored: s}, nil
}

// registerSource reads a plan from its registers.
type registerSource struct {
	*stored
	plan *plan.Plan
}

func (s *registerSource) Counts(summary *register.SyncSummary) map[config.Operation]int64 {
	return summary.Counts
}

func (s *registerSource) Found(summary *register.SyncSummary, kind register.FindingKind) int64 {
	return plan.Findings(summary, kind)
}

func (s *registerSource) Changes(ctx context.Context, summary *register.SyncSummary, from, limit int64, visit func(*plan.Change) error) error {
	return s.each(ctx, summary, from, limit, func(r register.Register, q providers.Querier, known *register.SyncSummary, most int, visited func() bool) error {
		masking := s.masking(s.plan, known)
		return r.Operations(ctx, q, s.plan.ID, known.AfterSeq, known.LastSeq, most, func(o *register.Operation) error {
			if !visited() {
				return nil
			}
			change := plan.Mask(o, masking)
			return visit(&change)
		})
	})
}

func (s *registerSource) Notices(ctx context.Context, summary *register.SyncSummary, kind register.FindingKind, from, limit int64, visit func(*plan.Notice) error) error {
	return s.each(ctx, summary, from, limit, func(r register.Register, q providers.Querier, known *register.SyncSummary, most int, visited func() bool) error {
		masking := s.masking(s.plan, known)
		return r.Findings(ctx, q, s.plan.ID, known.Sync, kind, most, func(f *register.Finding) error {
			if !visited() {
				return nil
			}
			notice := plan.MaskFinding(f, masking)
			return visit(&notice)
		})
	})
}

// each reads rows of a sync's register over a connection of its own, so that reads go on beside one another, and one that is cancelled
// harms no other. most are to be read, of which visited tells those to visit.
func (s *registerSource) each(ctx context.Context, summary *register.SyncSummary, from, limit int64,
	read func(r register.Register, q providers.Querier, known *register.SyncSummary, most int, visited func() bool) error,
) (err error) {
	r, known, err := s.find(summary)
	if err != nil {
		return err
	}
	conn, err := r.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", providers.SafeError(r.Destination, err))
	}
	defer func() {
		if closing := conn.Close(); err == nil {
			err = closing // one that was cancelled may be closed already
		}
	}()
	// In an order that tells nothing of masked keys.
	reader, err := s.plan.Reader(ctx, register.New(r.Dialect()), conn, known)
	if err != nil {
		return providers.SafeError(r.Destination, err)
	}
	most := int64(0)
	if limit > 0 {
		most = from + limit
	}
	at := int64(0)
	return providers.SafeError(r.Destination, read(reader, conn, known, int(most), func() bool {
		at++
		return at > from
	}))
}

// excerptSource shows what a plan's file holds.
type excerptSource struct{ plan *plan.Plan }

func (s excerptSource) Counts(summary *register.SyncSummary) map[config.Operation]int64 {
	counts := map[config.Operation]int64{}
	_ = view.Excerpt(s.plan)(summary, func(c *plan.Change) error { // which has no errors of its own
		counts[c.Operation]++
		return nil
	})
	return counts
}

func (s excerptSource) Found(summary *register.SyncSummary, kind register.FindingKind) int64 {
	n := int64(0)
	_ = view.Carried(s.plan)(summary, kind, func(*plan.Notice) error { n++; return nil })
	return n
}

func (s excerptSource) Changes(ctx context.Context, summary *register.SyncSummary, from, limit int64, visit func(*plan.Change) error) error {
	return view.Excerpt(s.plan)(summary, within(ctx, from, limit, visit))
}

func (s excerptSource) Notices(ctx context.Context, summary *register.SyncSummary, kind register.FindingKind, from, limit int64, visit func(*plan.Notice) error) error {
	return view.Carried(s.plan)(summary, kind, within(ctx, from, limit, visit))
}

// within visits some of those that come.
func within[T any](ctx context.Context, from, limit int64, visit func(T) error) func(T) error {
	at := int64(0)
	return func(one T) error {
		at++
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case at <= from:
			return nil
		case limit > 0 && at > from+limit:
			return io.EOF
		}
		return visit(one)
	}
}
