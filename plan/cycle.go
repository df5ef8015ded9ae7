package plan

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/internal/sqlgen"
)

// maxPath bounds the rows of a circle that an error names.
const maxPath = 20

// checkCycles reports new rows that refer to each other in a circle: none of them can be
// inserted first.
func (d *destination) checkCycles(ctx context.Context, m *maker, u unit) error {
	dialect := d.Dialect()
	table := u[0].stage(dialect, "edges")
	index := sqlgen.IndexEdges(dialect, table)
	if err := d.create(ctx, sqlgen.CreateEdges(dialect, table), index); err != nil {
		return err
	}
	if d.definesAside() {
		if err := d.define(ctx, sqlgen.IndexEdgeParents(dialect, table)); err != nil {
			return err
		}
	}
	var edges int64
	for _, child := range u {
		for _, l := range child.target.Lookups {
			if !child.target.Self(l) {
				continue
			}
			for _, parent := range u {
				s := sqlgen.FillEdges(dialect, table, child.target, l, parent.target)
				if s.SQL == "" {
					continue
				}
				n, err := d.exec(ctx, s)
				if err != nil {
					return err
				}
				edges += n
			}
		}
	}
	if edges == 0 {
		return nil
	}
	if err := d.index(ctx, table, index); err != nil {
		return err
	}
	// As many rounds as the tree has levels.
	for pruned := int64(1); pruned > 0 && edges > 0; edges -= pruned {
		var err error
		if pruned, err = d.exec(ctx, sqlgen.PruneEdges(dialect, table)); err != nil {
			return err
		}
	}
	if edges == 0 {
		return nil
	}
	path, err := d.circle(ctx, table)
	if err != nil {
		return err
	}
	w := u[0]
	for i, node := range path {
		for _, one := range u {
			if key, is := strings.CutPrefix(node, one.sync.Address+" "); is {
				w, path[i] = one, key
				if slices.ContainsFunc(one.target.StagedKeyNames(), func(name string) bool { return slices.Contains(one.summary.Sensitive, name) }) {
					path[i] = "(sensitive)"
				}
				break
			}
		}
	}
	m.diags.Errorf(w.sync.Destination.KeyRange, "Rows refer to each other in a circle", "%s: records that table %q does not have yet refer to each other: %s. None of them can be inserted first: correct them at the source.",
		w.sync.Address, w.sync.Destination.Table, strings.Join(path, " -> "))
	return nil
}

// circle follows the references that are left until they come back.
func (d *destination) circle(ctx context.Context, table string) ([]string, error) {
	var path []string
	from := ""
	for {
		s := sqlgen.Edge(d.Dialect(), table, from)
		var child, parent string
		if err := d.tx.QueryRowContext(ctx, s.SQL, s.Args...).Scan(&child, &parent); err != nil {
			return nil, fmt.Errorf("follow a circle: %w", err)
		}
		if from == "" {
			path = append(path, child)
		}
		at := slices.Index(path, parent)
		path = append(path, parent)
		switch {
		case at >= 0:
			return path[at:], nil
		case len(path) >= maxPath:
			return append(path, "…"), nil
		}
		from = parent
	}
}
