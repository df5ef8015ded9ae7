// Package scaffold writes configuration for people to go on with: of a sync, from the two tables that it joins. The packages below it
// write the configuration of other tools' syncs.
//
// It reads both tables' descriptions, and the first rows of the source for how its texts are made; no value of a row is written
// anywhere. Whatever is a guess is marked as a doubt, in a comment that says what to do.
package scaffold

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/suggest"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/scaffold/hcltext"
)

// Each is the Input.Faculty of a sync with an instance for each faculty.
const Each = "each"

// Input is what a sync is written from.
type Input struct {
	// Name is the sync's label; "" for one made of the destination's table.
	Name string
	// From and Into are the addresses of the blocks, SourceName the source's label.
	From, Into, SourceName string
	// SourceTable and Table are named as a configuration names them.
	SourceTable, Table string
	// Faculty is a faculty's label, Each, or "".
	Faculty string
	// Writers are the addresses of the syncs that write the table already.
	Writers []string
	// Taken are the labels of the syncs that there are.
	Taken []string

	Source      providers.Snapshot
	Destination providers.Destination
	Conn        providers.Querier
}

// Result is a file with one sync.
type Result struct {
	Text []byte
	Sync string // its label
	// Doubts is the number of comments that begin with "doubt:".
	Doubts int
}

// Sync writes a sync. Errors name what is missing and what there is instead.
func Sync(ctx context.Context, in *Input) (*Result, error) {
	d := &draft{Input: in, used: map[int]bool{}}
	if err := d.label(); err != nil {
		return nil, err
	}
	if err := d.describe(ctx); err != nil {
		return nil, err
	}
	if err := d.look(ctx); err != nil {
		return nil, err
	}
	d.giveRoles()
	if err := d.findLookups(ctx); err != nil {
		return nil, err
	}
	d.match()
	d.chooseKey()
	text := d.render()
	return &Result{Text: hcltext.Format(text), Sync: d.Name, Doubts: d.doubts}, nil
}

// draft is a sync in the making.
type draft struct {
	*Input
	table *sqlgen.Table
	// empty: the destination's table has no rows.
	empty bool
	// source are the columns that there are to map.
	source []sourceColumn
	// whole: all rows of the source were looked at.
	whole bool
	// context is what the two tables' names stand for.
	sourceContext, context []string

	roles    []role // of the table's columns, in their order
	lookups  []*lookup
	mappings map[string]*mapping // by the table's column
	used     map[int]bool        // columns of the source that are mapped
	// scope is the column that marks rows as ours, -1 for none.
	scope int

	key       []string
	keyDoubts []string
	doubts    int
}

// label checks the sync's name, or makes one.
func (d *draft) label() error {
	taken := map[string]bool{}
	for _, name := range d.Taken {
		taken[name] = true
	}
	if d.Name != "" {
		if hcltext.Label(d.Name) != strings.ToLower(strings.ReplaceAll(d.Name, "-", "_")) {
			return fmt.Errorf("--name %q: a name begins with a letter and holds letters, digits, _ and -", d.Name)
		}
		if taken[d.Name] {
			return fmt.Errorf("--name %q: the configuration has such a sync", d.Name)
		}
		return nil
	}
	parts := strings.Split(d.Table, ".")
	d.Name = hcltext.Unique(hcltext.Label(parts[len(parts)-1]), taken)
	return nil
}

// describe asks the destination for its table.
func (d *draft) describe(ctx context.Context) error {
	if _, ok := d.Destination.(providers.Publisher); ok {
		return fmt.Errorf("%s is made of files: they get the columns that a sync maps, and there is nothing to compare with", d.Into)
	}
	var err error
	d.table, err = d.Destination.Table(ctx, d.Conn, d.Table)
	if errors.Is(err, providers.ErrNoTable) {
		names, err := d.Destination.TableNames(ctx, d.Conn)
		if err != nil {
			return fmt.Errorf("%s: list its tables: %w", d.Into, providers.SafeError(d.Destination, err))
		}
		return fmt.Errorf("%s has no table %q.%s%s", d.Into, d.Table, suggest.Question(d.Table, names), there(names))
	}
	if err != nil {
		return fmt.Errorf("%s: describe table %q: %w", d.Into, d.Table, providers.SafeError(d.Destination, err))
	}
	rows, err := d.Conn.QueryContext(ctx, d.Destination.Dialect().Limit("SELECT 1 AS there FROM "+d.table.Name+" ORDER BY 1", 1))
	if err != nil {
		return fmt.Errorf("%s: look into table %q: %w", d.Into, d.Table, providers.SafeError(d.Destination, err))
	}
	defer rows.Close()
	d.empty = !rows.Next()
	if err := rows.Err(); err != nil {
		return fmt.Errorf("%s: look into table %q: %w", d.Into, d.Table, providers.SafeError(d.Destination, err))
	}
	d.context = conceptsOf(d.Table)
	d.sourceContext = conceptsOf(d.SourceTable)
	return nil
}

// there lists the tables of a destination, to append to a message.
func there(names []string) string {
	const most = 12
	if len(names) == 0 {
		return " It has none: create the table first."
	}
	return " There are " + suggest.List(names, most) + "."
}

// doubt is a comment that says what is a guess.
func (d *draft) doubt(format string, args ...any) string {
	d.doubts++
	return hcltext.Comment("doubt: " + hcltext.OneLine(fmt.Sprintf(format, args...)))
}
