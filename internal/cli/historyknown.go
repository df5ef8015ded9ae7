package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/suggest"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// known reports as an error what was asked for and is known neither to the configuration nor to a register: that nothing was done with it is no
// answer to who mistyped it.
func (h *historian) known(ctx context.Context, opened []*openedRegister) error {
	for _, f := range h.cfg.Faculties {
		h.faculties = append(h.faculties, f.Label)
	}
	for _, s := range h.cfg.Syncs {
		h.syncs = append(h.syncs, s.Address)
	}
	for _, at := range opened {
		if h.allKnown() {
			break
		}
		if err := h.gather(ctx, at); err != nil {
			return at.safe(err)
		}
	}
	if unknown := h.unknownSyncs(); len(unknown) > 0 {
		return fmt.Errorf("--sync %s: neither the configuration nor a register knows such a sync.%s", unknown[0], suggest.Question(unknown[0], h.syncs))
	}
	if !h.facultyKnown() {
		label := strings.TrimPrefix(h.options.faculty, "faculty.")
		return fmt.Errorf("--faculty %s: neither the configuration nor a register knows such a faculty.%s", h.options.faculty, suggest.Question(label, h.faculties))
	}
	return h.planKnown(ctx, opened)
}

// gather adds the syncs and faculties that a register knows, until nothing is unknown any more.
func (h *historian) gather(ctx context.Context, at *openedRegister) error {
	return at.Register.Summarized(ctx, at.Conn, func(sync, faculty string) error {
		added := false
		if !slices.Contains(h.syncs, sync) {
			h.syncs, added = append(h.syncs, sync), true
		}
		if faculty != "" && !slices.Contains(h.faculties, faculty) {
			h.faculties, added = append(h.faculties, faculty), true
		}
		if added && h.allKnown() {
			return io.EOF
		}
		return nil
	})
}

func (h *historian) allKnown() bool { return len(h.unknownSyncs()) == 0 && h.facultyKnown() }

// unknownSyncs are those that were asked for and not found yet.
func (h *historian) unknownSyncs() []string {
	return slices.DeleteFunc(slices.Clone(h.options.syncs), func(asked string) bool {
		sought := plan.Sought{Syncs: []string{asked}}
		return slices.ContainsFunc(h.syncs, sought.Wants)
	})
}

func (h *historian) facultyKnown() bool {
	return h.options.faculty == "" || slices.ContainsFunc(h.faculties, func(f string) bool { return ofFaculty(f, h.options.faculty) })
}

// ofFaculty reports whether a faculty, as a plan calls it, is the one that was asked for: by its label or its address.
func ofFaculty(is, asked string) bool {
	label := strings.TrimPrefix(asked, "faculty.")
	return is == asked || is == label || is == "faculty."+label || strings.HasSuffix(is, ".faculty."+label)
}

func (h *historian) planKnown(ctx context.Context, opened []*openedRegister) error {
	id := h.options.search.PlanID
	if id == "" {
		return nil
	}
	var known []string
	for _, at := range opened {
		found, err := at.Register.Search(ctx, at.Conn, &register.Search{PlanID: id, Pending: true, Limit: 1})
		if err != nil {
			return at.safe(err)
		}
		if len(found) > 0 {
			return nil
		}
	}
	for _, at := range opened {
		some, err := at.Register.PlanIDs(ctx, at.Conn)
		if err != nil {
			return at.safe(err)
		}
		known = append(known, some...)
	}
	return fmt.Errorf("--plan %s: no register holds such a plan; registrar history --plans --pending lists those that there are.%s", id, suggest.Question(id, known))
}

// columnKnown reports as an error, where nothing was found, a column that no table of the syncs that were asked for has, and no operation.
func (h *historian) columnKnown(ctx context.Context, opened []*openedRegister) error {
	column := h.options.column
	if column == "" || len(opened) < len(h.cfg.Destinations) {
		return nil // of a register that cannot be read nobody knows
	}
	var known []string
	for _, s := range h.cfg.Syncs {
		if sought := (plan.Sought{Syncs: h.options.syncs}); !sought.Wants(s.Address) || h.options.faculty != "" && !ofFaculty(s.Faculty, h.options.faculty) {
			continue
		}
		known = append(known, h.columnsOf(ctx, opened, s)...)
	}
	if slices.Contains(known, column) {
		return nil
	}
	for _, at := range opened {
		found, err := at.Register.Search(ctx, at.Conn, &register.Search{Syncs: h.options.syncs, Column: column, Pending: true, Limit: 1})
		if err != nil {
			return at.safe(err)
		}
		if len(found) > 0 {
			return nil
		}
	}
	return fmt.Errorf("--column %s: no table that was asked for has such a column, and no operation of a register changed one.%s", column, suggest.Question(column, known))
}

// columnsOf are the columns of a sync's table, as far as it can be described, and those that the sync maps.
func (h *historian) columnsOf(ctx context.Context, opened []*openedRegister, s *config.Sync) []string {
	var all []string
	for i := range s.Columns {
		all = append(all, s.Columns[i].Name)
	}
	for _, at := range opened {
		if at.into != s.Destination.Into {
			continue
		}
		if table := h.tableOf(ctx, at, s.Destination.Table); table != nil {
			for i := range table.Columns {
				all = append(all, table.Columns[i].Name)
			}
		}
	}
	return all
}
