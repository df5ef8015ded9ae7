package register

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// followed says which events are followed.
type followed struct {
	// lists are of the members that identify a row in its key.
	lists [][]string
	// last is a plan that is being applied; "" for none.
	last string
	// operations and findings are conditions on o and f.
	operations, findings func(args *arguments) string
	// spelt gives all texts of a member that its column takes for the same one spelling.
	spelt func(member, text string) string
}

// members are those of all lists, each once.
func (f *followed) members() []string {
	var all []string
	for _, list := range f.lists {
		for _, name := range list {
			if !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
	}
	return all
}

// chronicle follows rows. Of them their keys leave the database, and nothing else.
func (r Register) chronicle(ctx context.Context, q providers.Querier, f *followed) (*chronicle, error) {
	marked, err := r.marked(ctx, q)
	if err != nil {
		return nil, err
	}
	names := f.members()
	var events []*event
	read := func(table, alias, operation string, documents []string, where func(args *arguments) string) error {
		args := arguments{d: r.d}
		columns := []string{alias + ".plan_id", alias + ".seq", operation, r.instantText("p.created_on"), r.instantText("e.executed_on")}
		for _, document := range documents {
			for _, name := range names {
				columns = append(columns, r.d.MemberText(alias+"."+r.d.Quote(document), name))
			}
		}
		query := fmt.Sprintf("SELECT %s FROM %s %s LEFT JOIN %s p ON p.id = %s.plan_id LEFT JOIN %s e ON e.plan_id = %s.plan_id WHERE %s", strings.Join(columns, ", "),
			r.d.RegisterTable(table), alias, r.d.RegisterTable("plan"), alias, r.d.RegisterTable("execution"), alias, where(&args))
		return r.each(ctx, q, query, args.values, func(rows *sql.Rows) error {
			e, err := f.scan(rows, names, table == "finding")
			if err != nil {
				return err
			}
			if plan := marked[e.PlanID]; plan != nil {
				e.mark(plan)
			}
			events = append(events, e)
			return nil
		})
	}
	if err := read("operation", "o", "o.operation", []string{"key", "after"}, f.operations); err != nil {
		return nil, fmt.Errorf("follow rows by their keys: %w", withRemedy(err))
	}
	if err := read("finding", "f", "''", []string{"key"}, f.findings); err != nil {
		return nil, fmt.Errorf("follow rows by their keys: %w", withRemedy(err))
	}
	return follow(events, len(f.lists)), nil
}

// scan reads an event.
func (f *followed) scan(rows *sql.Rows, names []string, finding bool) (*event, error) {
	e := &event{finding: finding}
	var operation, made, done sql.NullString
	texts := make([]sql.NullString, 2*len(names))
	into := []any{&e.PlanID, &e.Seq, &operation, &made, &done}
	documents := 2
	if finding {
		documents = 1
	}
	for i := range documents * len(names) {
		into = append(into, &texts[i])
	}
	if err := rows.Scan(into...); err != nil {
		return nil, err
	}
	e.operation = config.Operation(operation.String)
	var err error
	if e.made, err = parseInstant(made); err != nil {
		return nil, err
	}
	if e.on, err = parseInstant(done); err != nil {
		return nil, err
	}
	e.applied = done.Valid
	switch {
	case e.PlanID == f.last:
		e.on, e.applied = time.Unix(1<<40, 0), true
	case !e.applied:
		e.on = e.made
	}
	e.key, e.given = f.keys(names, texts)
	return e, nil
}

// keys are the key that an operation names, and the one that it leaves, in each list of members. A list of which nothing is
// told may have changed where another one did.
func (f *followed) keys(names []string, texts []sql.NullString) (key, given []string) {
	changed := false
	for _, list := range f.lists {
		old, left := make([]string, len(list)), make([]string, len(list))
		known, still := make([]bool, len(list)), make([]bool, len(list))
		told := false
		for i, name := range list {
			at := slices.Index(names, name)
			old[i], known[i] = f.text(name, texts[at])
			left[i], still[i] = old[i], known[i]
			if after := texts[len(names)+at]; after.Valid {
				left[i], still[i] = f.text(name, after)
				told = true
			}
		}
		from, to := tuple(old, known), tuple(left, still)
		if changed && !told {
			to = ""
		}
		changed = changed || from != to
		key, given = append(key, from), append(given, to)
	}
	return key, given
}

func (f *followed) text(member string, text sql.NullString) (string, bool) {
	if f.spelt != nil && text.Valid {
		return f.spelt(member, text.String), true
	}
	return text.String, text.Valid
}

// mark tells what is known of the event's plan. Ids of another server are no ids of this one.
func (e *event) mark(p *Plan) {
	if p.Purpose != nil && p.Purpose.Kind == Revert {
		e.reverts = p.Purpose.Of
	}
	if p.Transferred != "" && len(e.key) > 1 {
		e.key[0], e.given[0] = "", ""
	}
}

// marked are the plans that undo others, or were applied on another server, by their ids.
func (r Register) marked(ctx context.Context, q providers.Querier) (map[string]*Plan, error) {
	args := arguments{d: r.d}
	summary := r.d.Canonical("p.summary", registerColumn(r.d, value.JSON))
	query := fmt.Sprintf("SELECT p.id, %[1]s FROM %[2]s p WHERE %[1]s LIKE %[3]s OR %[1]s LIKE %[4]s", summary, r.d.RegisterTable("plan"), args.of(`%"`+string(Revert)+`"%`), args.of(`%"transferred"%`))
	found := map[string]*Plan{}
	err := r.each(ctx, q, query, args.values, func(rows *sql.Rows) error {
		p := &Plan{}
		var text string
		if err := rows.Scan(&p.ID, &text); err != nil {
			return err
		}
		if err := p.decodeSummary(text); err != nil {
			return fmt.Errorf("decode the summary of plan %s: %w", p.ID, err)
		}
		found[p.ID] = p
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for plans that undo others: %w", withRemedy(err))
	}
	return found, nil
}
