package register

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// Transferred is a row of a table of the register as another register holds it, in texts; nil is NULL.
type Transferred struct {
	PlanID string
	Seq    int64
	Sync   string
	// Operation is of a row of the operations, with Table; Kind of one of the findings.
	Table, Operation, Kind string
	Key, Before, After     *string
	Result, Message        *string
	Detail                 *string
}

// Transfer writes what another server's register holds of applied plans into a register: operations and findings first, since a
// plan's digest is of them, and then their plans.
type Transfer struct {
	r                    Register
	q                    providers.Querier
	plans                map[string]*standing
	operations, findings []Transferred // that wait to be written
	octets               int           // of those
}

// Transfer begins to write into the register. Rows are written when many have come together: Plan or Flush must follow the last.
func (r Register) Transfer(q providers.Querier) *Transfer {
	return &Transfer{r: r, q: q, plans: map[string]*standing{}}
}

// ForeignHistoryError: the history that comes is not what this register knows of one of its own plans.
type ForeignHistoryError struct {
	PlanID string
	Reason string
}

func (e *ForeignHistoryError) Error() string {
	return fmt.Sprintf("plan %s %s: the bundle was changed, or this register was, and nothing was written here. To bring the rows alone: --no-history", e.PlanID, e.Reason)
}

const (
	// transferBatch is how many rows a statement writes, of at most 9 values each: SQL Server binds 2,100.
	transferBatch = 200
	// transferOctets is how much may wait besides: documents may be large, and MySQL takes statements of 64 MiB.
	transferOctets = 1 << 20
)

// maxStandings is of how many plans is kept in memory what is known of them: rows come by plan.
const maxStandings = 1000

type planKind int

const (
	unknownPlan planKind = iota
	ownPlan              // applied here
	broughtPlan          // transferred before
)

// standing is what the register knows of a plan that comes.
type standing struct {
	kind  planKind
	plan  *Plan // nil where it is unknown
	added bool  // operations
}

func (t *Transfer) standing(ctx context.Context, id string) (*standing, error) {
	if s := t.plans[id]; s != nil {
		return s, nil
	}
	s := &standing{}
	there, err := t.r.Plan(ctx, t.q, id)
	switch {
	case errors.Is(err, ErrNoPlan):
	case err != nil:
		return nil, err
	default:
		s.plan, s.kind = there, ownPlan
		if there.Transferred != "" {
			s.kind = broughtPlan
		}
		done, err := t.r.Execution(ctx, t.q, id)
		if err != nil {
			return nil, err
		}
		if done == nil {
			return nil, &ForeignHistoryError{PlanID: id, Reason: "was applied, the bundle says, and it was not, this register says"}
		}
	}
	t.plans[id] = s
	return s, nil
}

// has reports whether a number lies among those of the syncs that the register knows of the plan.
func (s *standing) has(seq int64) bool {
	for i := range s.plan.Syncs {
		if one := &s.plan.Syncs[i]; one.AfterSeq < seq && seq <= one.LastSeq {
			return true
		}
	}
	return false
}

// Operation writes an operation. Of a plan that was transferred before, those of its syncs stay as they are. Of one that was
// applied here they must be there, and the same: the error is a *ForeignHistoryError otherwise.
func (t *Transfer) Operation(ctx context.Context, o *Transferred) error {
	s, err := t.standing(ctx, o.PlanID)
	if err != nil {
		return err
	}
	switch s.kind {
	case broughtPlan:
		if s.has(o.Seq) {
			return nil
		}
		s.added = true
	case ownPlan, unknownPlan:
	}
	t.operations = append(t.operations, *o)
	return t.wait(ctx, o)
}

// Finding writes a finding, unless the register knows the plan with that sync.
func (t *Transfer) Finding(ctx context.Context, f *Transferred) error {
	s, err := t.standing(ctx, f.PlanID)
	if err != nil || s.kind == ownPlan {
		return err
	}
	t.findings = append(t.findings, *f)
	return t.wait(ctx, f)
}

// wait writes what waits once it is enough.
func (t *Transfer) wait(ctx context.Context, one *Transferred) error {
	for _, text := range []*string{one.Key, one.Before, one.After, one.Result, one.Message, one.Detail} {
		if text != nil {
			t.octets += len(*text)
		}
	}
	if len(t.operations) < transferBatch && len(t.findings) < transferBatch && t.octets < transferOctets {
		return nil
	}
	return t.Flush(ctx)
}

// Flush writes what waits.
func (t *Transfer) Flush(ctx context.Context) error {
	key, before, after := t.r.d.Quote("key"), t.r.d.Quote("before"), t.r.d.Quote("after")
	missing, err := t.missing(ctx, "operation", t.operations)
	if err != nil {
		return err
	}
	err = t.insert(ctx, "operation", []string{"plan_id", "seq", "sync", "table_name", "operation", key, before, after, "result"}, missing, func(args *arguments, o *Transferred) []string {
		return []string{
			args.of(o.PlanID), args.number(o.Seq), args.of(o.Sync), args.of(o.Table), args.of(o.Operation),
			args.document(o.Key), args.document(o.Before), args.document(o.After), args.document(o.Result),
		}
	})
	if err != nil {
		return err
	}
	if missing, err = t.missing(ctx, "finding", t.findings); err != nil {
		return err
	}
	err = t.insert(ctx, "finding", []string{"plan_id", "seq", "sync", "kind", key, "message", "detail"}, missing, func(args *arguments, f *Transferred) []string {
		return []string{args.of(f.PlanID), args.number(f.Seq), args.of(f.Sync), args.of(f.Kind), args.document(f.Key), args.nullable(f.Message), args.document(f.Detail)}
	})
	t.operations, t.findings, t.octets = t.operations[:0], t.findings[:0], 0
	if len(t.plans) > maxStandings {
		maps.DeleteFunc(t.plans, func(_ string, s *standing) bool { return !s.added })
	}
	return err
}

// rowID is the primary key of an operation, or of a finding.
type rowID struct {
	plan string
	seq  int64
}

// missing returns the rows that the register does not have, of whichever sync: another faculty of a plan finds its own.
func (t *Transfer) missing(ctx context.Context, table string, rows []Transferred) ([]*Transferred, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	there, err := t.there(ctx, table, rows)
	if err != nil {
		return nil, err
	}
	var missing []*Transferred
	for i := range rows {
		one := &rows[i]
		id := rowID{one.PlanID, one.Seq}
		own, known := there[id]
		switch {
		case table == "operation" && t.plans[one.PlanID].kind == ownPlan:
			if !known || !own.same(one) {
				return nil, &ForeignHistoryError{PlanID: one.PlanID, Reason: "was applied here, and has other operations in the bundle than here"}
			}
		case !known:
			there[id] = one
			missing = append(missing, one)
		}
	}
	return missing, nil
}

// there reads the rows that the register has of some.
func (t *Transfer) there(ctx context.Context, table string, rows []Transferred) (map[rowID]*Transferred, error) {
	args := arguments{d: t.r.d}
	seqs := map[string][]string{}
	var plans []string
	for i := range rows {
		one := &rows[i]
		if seqs[one.PlanID] == nil {
			plans = append(plans, one.PlanID)
		}
		seqs[one.PlanID] = append(seqs[one.PlanID], strconv.FormatInt(one.Seq, 10))
	}
	conditions := make([]string, len(plans))
	for i, id := range plans {
		conditions[i] = fmt.Sprintf("(o.plan_id = %s AND o.seq IN (%s))", args.of(id), strings.Join(seqs[id], ", "))
	}
	columns := "NULL, NULL, NULL, NULL, NULL"
	if table == "operation" {
		columns = fmt.Sprintf("o.operation, %s, %s, %s, %s", t.r.documentText("o."+t.r.d.Quote("key")), t.r.documentText("o."+t.r.d.Quote("before")), t.r.documentText("o."+t.r.d.Quote("after")), t.r.documentText("o.result"))
	}
	there := map[rowID]*Transferred{}
	query := fmt.Sprintf("SELECT o.plan_id, o.seq, %s FROM %s o WHERE %s", columns, t.r.d.RegisterTable(table), strings.Join(conditions, " OR "))
	err := t.r.export(ctx, t.q, table+"s", query, args.values, func(rows *sql.Rows) error {
		var one Transferred
		var operation *string
		if err := rows.Scan(&one.PlanID, &one.Seq, &operation, &one.Key, &one.Before, &one.After, &one.Result); err != nil {
			return fmt.Errorf("read the history's %ss: %w", table, err)
		}
		if operation != nil {
			one.Operation = *operation
		}
		there[rowID{one.PlanID, one.Seq}] = &one
		return nil
	})
	return there, err
}

// same reports whether another register tells the same of an operation that is here. What was redacted here or there may
// have been anything.
func (t *Transferred) same(other *Transferred) bool {
	return t.Operation == other.Operation && sameDocument(t.Key, other.Key) && sameDocument(t.Before, other.Before) &&
		sameDocument(t.After, other.After) && sameDocument(t.Result, other.Result)
}

func sameDocument(here, other *string) bool {
	switch {
	case here == nil || other == nil:
		return here == nil && other == nil
	case *here == *other:
		return true
	}
	for _, text := range []string{*here, *other} {
		if doc, err := ParseDocument(text); err == nil && doc.Redacted() {
			return true
		}
	}
	// MySQL spells a document its own way.
	var a, b any
	return decodeNumbers(*here, &a) == nil && decodeNumbers(*other, &b) == nil && reflect.DeepEqual(a, b)
}

func decodeNumbers(text string, into *any) error {
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	return decoder.Decode(into)
}

// singleInserter is a dialect whose INSERT takes the values of one row.
type singleInserter interface {
	InsertsOneRow()
}

// insert writes rows, many with a statement.
func (t *Transfer) insert(ctx context.Context, table string, columns []string, rows []*Transferred, values func(args *arguments, one *Transferred) []string) error {
	most := transferBatch
	if _, ok := t.r.d.(singleInserter); ok {
		most = 1
	}
	for some := range slices.Chunk(rows, most) {
		args := arguments{d: t.r.d}
		tuples := make([]string, len(some))
		for i, one := range some {
			tuples[i] = "(" + strings.Join(values(&args, one), ", ") + ")"
		}
		statement := fmt.Sprintf("INSERT INTO %s (%s) VALUES %s", t.r.d.RegisterTable(table), strings.Join(columns, ", "), strings.Join(tuples, ", "))
		if err := t.r.exec(ctx, t.q, statement, args.values...); err != nil {
			return fmt.Errorf("write the history's %ss into the register: %w", table, withRemedy(err))
		}
	}
	return nil
}

// document binds a JSON text. NULL is bound, too, so that statements are alike and are prepared once.
func (a *arguments) document(text *string) string {
	return a.d.FromText(a.nullable(text), registerColumn(a.d, value.JSON))
}

// nullable binds a text, or NULL.
func (a *arguments) nullable(text *string) string {
	if text != nil {
		return a.of(*text)
	}
	a.values = append(a.values, nil)
	return a.d.Placeholder(len(a.values))
}

func (a *arguments) number(n int64) string { return a.typed(value.Int, strconv.FormatInt(n, 10)) }
