package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

type diffOptions struct {
	first, second    string
	detailedExitcode bool
	format           formatOptions
}

func (a *app) diffCommand() *cobra.Command {
	var o diffOptions
	c := a.command(&cobra.Command{
		Use:   "diff PLAN-ID PLAN-ID [--detailed-exitcode] [--format FORMAT]",
		Short: "Compare two plans",
		Long: `Shows how two plans of the registers differ: by sync, key and operation, what the first
one does and the second does not, and the reverse, and what both do with other values.
Each may have been applied or not. The databases compare; what a plan, or the
configuration, masks is masked. As text, the first operations of each sync are shown.

Exits with 0, whether they differ or not; with 1 after an error; and, only with
--detailed-exitcode, with 2 if they differ.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return fmt.Errorf("expected two arguments, the ids of two plans; there are %d", len(args))
			}
			for _, id := range args {
				if !planID.MatchString(id) {
					return fmt.Errorf("%q is no plan's id: registrar history --plans lists them", id)
				}
			}
			return nil
		},
	}, func(ctx context.Context, args []string) error {
		o.first, o.second = strings.ToLower(args[0]), strings.ToLower(args[1])
		return a.diff(ctx, o)
	})
	f := c.Flags()
	f.BoolVar(&o.detailedExitcode, "detailed-exitcode", false, "exit with 2 if the plans differ")
	o.format.addFormat(f, "write JSON, as --format json does", formatText, formatJSON)
	return c
}

func (a *app) diff(ctx context.Context, o diffOptions) error {
	format, err := o.format.choose(formatText, formatJSON)
	if err != nil {
		return err
	}
	a.output, a.json = format, format == formatJSON
	cfg, err := a.load()
	if err != nil {
		return err
	}
	d := &view.PlanDiff{First: o.first, Second: o.second, Zone: cfg.Settings.Timezone}
	err = a.withRegisters(ctx, cfg, func(opened []*openedRegister, unread error) error {
		of := map[*plan.PlansAt]*openedRegister{}
		for _, at := range opened {
			c, err := plan.Compare(ctx, cfg, at.Opened, at.into.Address, o.first, o.second)
			if err != nil {
				return at.safe(err)
			}
			if c.First != nil || c.Second != nil {
				d.At, of[c] = append(d.At, c), at
			}
		}
		if err := comparablePlans(d); err != nil {
			return errors.Join(err, unread)
		}
		if unread != nil && !whole(d) {
			return unread
		}
		deviating := func(at *plan.PlansAt, s *plan.Compared, kind register.Deviation, limit int, visit func(first, second *plan.Change) error) error {
			return of[at].safe(at.Visit(ctx, s, kind, limit, visit))
		}
		if format == formatJSON {
			return a.out().PlanDiffJSON(d, deviating)
		}
		return a.out().PlanDiff(d, shownOfASync, deviating)
	})
	if err == nil && o.detailedExitcode && d.Differs() {
		return codeError(exitChanges)
	}
	return err
}

// whole reports whether all parts of both plans were found.
func whole(d *view.PlanDiff) bool {
	parts := func(of func(at *plan.PlansAt) *register.Plan) bool {
		var found, wanted []string
		for _, at := range d.At {
			if p := of(at); p != nil {
				found, wanted = append(found, at.Address), p.Destinations
			}
		}
		return !slices.ContainsFunc(wanted, func(address string) bool { return !slices.Contains(found, address) })
	}
	return parts(func(at *plan.PlansAt) *register.Plan { return at.First }) && parts(func(at *plan.PlansAt) *register.Plan { return at.Second })
}

// comparablePlans returns why two plans cannot be compared.
func comparablePlans(d *view.PlanDiff) error {
	var first, second []string
	both := false
	for _, at := range d.At {
		if at.First != nil {
			first = append(first, at.Address)
		}
		if at.Second != nil {
			second = append(second, at.Address)
		}
		both = both || at.First != nil && at.Second != nil
	}
	switch {
	case len(first) == 0:
		return &plan.UnknownError{PlanID: d.First}
	case len(second) == 0:
		return &plan.UnknownError{PlanID: d.Second}
	case !both:
		return fmt.Errorf("the plans cannot be compared: %s is of %s, %s is of %s", d.First, strings.Join(first, " and "), d.Second, strings.Join(second, " and "))
	default:
		return nil
	}
}
