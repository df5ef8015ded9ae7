package register

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/registrar-sync/registrar/providers"
)

// Place is where an operation, or a finding, stands in the register.
type Place struct {
	PlanID string
	Seq    int64
}

// Places are those of operations and of findings.
type Places struct {
	Operations, Findings []Place
	// KeepKeys: a redaction leaves the keys of the operations.
	KeepKeys bool
}

// placed is the condition that a row is at one of the places.
func (r Register) placed(args *arguments, alias string, places []Place) string {
	if len(places) == 0 {
		return "(1 = 0)"
	}
	byPlan := map[string][]string{}
	var plans []string
	for _, one := range places {
		if byPlan[one.PlanID] == nil {
			plans = append(plans, one.PlanID)
		}
		byPlan[one.PlanID] = append(byPlan[one.PlanID], strconv.FormatInt(one.Seq, 10))
	}
	conditions := make([]string, len(plans))
	for i, plan := range plans {
		id := "'" + plan + "'"
		if uuid.Validate(plan) != nil {
			id = args.of(plan)
		}
		conditions[i] = alias + ".plan_id = " + id + " AND " + alias + ".seq IN (" + strings.Join(byPlan[plan], ", ") + ")"
	}
	return anyOf(conditions)
}

// anyOf joins conditions, no deeper than engines bear.
func anyOf(conditions []string) string {
	if half := len(conditions) / 2; half > 0 {
		return "(" + anyOf(conditions[:half]) + " OR " + anyOf(conditions[half:]) + ")"
	}
	return "(" + conditions[0] + ")"
}

// maxPlaces bounds the places that one statement names.
const maxPlaces = 500

// redactPlaces replaces what stands at the places.
func (r Register) redactPlaces(ctx context.Context, q providers.Querier, operations, findings []Place) (done, noticed int64, err error) {
	for places := range slices.Chunk(findings, maxPlaces) {
		n, err := r.redactFindings(ctx, q, func(args *arguments) string { return r.placed(args, "f", places) })
		if err != nil {
			return 0, 0, err
		}
		noticed += n
	}
	for places := range slices.Chunk(operations, maxPlaces) {
		n, err := r.redactOperations(ctx, q, allDocuments(), func(args *arguments) string { return r.placed(args, "o", places) })
		if err != nil {
			return 0, 0, err
		}
		done += n
	}
	return done, noticed, nil
}

// places are those of operations, and of findings, in their order.
func places(lives []*life) (operations, findings []Place) {
	for _, l := range lives {
		for _, e := range l.events {
			if e.finding {
				findings = append(findings, e.Place)
			} else {
				operations = append(operations, e.Place)
			}
		}
	}
	order := func(a, b Place) int { return cmp.Or(cmp.Compare(a.PlanID, b.PlanID), cmp.Compare(a.Seq, b.Seq)) }
	slices.SortFunc(operations, order)
	slices.SortFunc(findings, order)
	return operations, findings
}
