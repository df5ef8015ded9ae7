package hcl

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/registrar-sync/registrar/config"
)

var policySchema = schema{arguments: map[string]bool{
	"for_each": false, "faculty": false, "syncs": false, "condition": true, "message": true, "on_failure": false,
}}

// compilePolicies compiles the policy blocks; the syncs that they mean are there by then.
func (c *compiler) compilePolicies() {
	for _, b := range c.blocks {
		if b.Type == "policy" {
			c.compilePolicy(b)
		}
	}
}

// policy is a policy block on its way to config.Policy.
type policy struct {
	*block
	names *planNames
	// forEach, syncs, condition and message are evaluated in ways of their own, and nil if not written.
	forEach, syncs, condition, message *hclsyntax.Attribute
}

func (c *compiler) compilePolicy(b *hclsyntax.Block) {
	s := scope{ctx: c.base, locals: true, each: b.Body.Attributes["for_each"] != nil}
	opened := c.open(b, "policy block", policySchema, s)
	p := policy{block: opened, names: c.planNames(), forEach: opened.take("for_each"), syncs: opened.take("syncs")}
	p.condition, p.message = opened.takePlan("condition"), opened.takePlan("message")
	for _, name := range names(opened.arguments) {
		c.check(opened.arguments[name].Expr, s)
	}
	elements := []element{{scope: s}}
	if p.forEach != nil {
		elements, _ = c.elements(p.forEach)
	}
	if len(elements) == 0 {
		p.compile(c.unknownEach(s.each))
		return
	}
	whole, found := true, false
	for _, e := range elements {
		out := p.compile(e.scope)
		if whole = whole && out != nil; out == nil {
			continue
		}
		out.Name, out.Address, out.Range = b.Labels[0], c.prefix+"policy."+b.Labels[0], position(b.DefRange())
		if p.forEach != nil {
			out.Address = fmt.Sprintf("%s[%q]", out.Address, e.key)
		}
		if len(out.Syncs) > 0 {
			found = true
			c.config.Policies = append(c.config.Policies, out)
		}
	}
	if whole && !found && p.names.complete && len(p.names.syncs) > 0 {
		c.warnf(b.DefRange(), "Policy of no sync", "There is no sync that the policy would look at, so it is never asked.")
	}
}

// takePlan is take for an expression that may refer to plan.
func (b *block) takePlan(name string) *hclsyntax.Attribute {
	taken := b.take(name)
	if taken == nil {
		return nil
	}
	s := b.scope
	s.plan = true
	b.c.check(taken.Expr, s)
	hclsyntax.VisitAll(taken.Expr, func(node hclsyntax.Node) hcl.Diagnostics {
		if binary, ok := node.(*hclsyntax.BinaryOpExpr); ok {
			switch binary.Op {
			case hclsyntax.OpDivide:
				binary.Op = checkedOperation(stdlib.DivideFunc)
			case hclsyntax.OpModulo:
				binary.Op = checkedOperation(stdlib.ModuloFunc)
			}
		}
		return nil
	})
	return taken
}

// checkedOperation is a division for which a divisor of zero is an error: HCL's own yields infinity.
func checkedOperation(divide function.Function) *hclsyntax.Operation {
	number := function.Parameter{Name: "number", Type: cty.Number, AllowDynamicType: true}
	return &hclsyntax.Operation{
		Type: cty.Number,
		Impl: function.New(&function.Spec{
			Params: []function.Parameter{number, number},
			Type:   function.StaticReturnType(cty.Number),
			Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
				if args[1].Equals(cty.Zero).True() {
					return cty.NilVal, errors.New("division by zero; where there may be no rows, ask for that first: plan.live_rows == 0 || …, for instance")
				}
				return divide.Call(args)
			},
		}),
	}
}

// compile compiles one instance, but for its name; nil if something is wrong with it.
func (p *policy) compile(s scope) *config.Policy {
	c := p.c
	failures, before := c.failures, len(c.diags)
	in := p.in(s)
	out := &config.Policy{OnFailure: choice(in, "on_failure", []config.PolicyFailure{config.HoldPlan, config.WarnPlan, config.StopPlan}, config.HoldPlan)}
	for _, i := range p.selected(in) {
		out.Syncs = append(out.Syncs, i.sync.Address)
	}
	if p.condition == nil || p.message == nil {
		return nil // that is reported
	}
	judge := judgement{names: p.names, ctx: s.ctx, condition: p.condition.Expr, message: p.message.Expr}
	for _, expr := range []hclsyntax.Expression{judge.condition, judge.message} {
		switch {
		case !c.checked[expr]:
			c.failures++
		case secretIn(expr, s.ctx):
			c.failures++
			c.errorf(expr.Range(), sensitiveValue, "What a policy says is shown in plans and recorded, and so is whether a plan obeys it: neither can depend on a sensitive variable.")
		default:
			c.checkPlanNames(expr, p.names)
		}
	}
	if c.failures == failures && !c.diags[before:].HasErrors() {
		c.report(judge.rehearse(), false)
	}
	if c.failures > failures || c.diags[before:].HasErrors() {
		return nil
	}
	out.Judge = judge.judge
	return out
}

// selected returns the instances that the policy looks at.
func (p *policy) selected(in *block) []*instance {
	c := p.c
	var out []*instance
	switch {
	case p.syncs != nil:
		if in.has("faculty") {
			c.failures++
			c.errorf(in.arguments["faculty"].NameRange, "Conflicting arguments", `A policy has "faculty" or "syncs"; without either it looks at all syncs.`)
		}
		for _, listed := range c.listedSyncs(p.syncs, in.scope) {
			out = append(out, listed.instance)
		}
		return out
	case in.has("faculty"):
		v, ok := in.value("faculty")
		if !ok {
			return nil
		}
		if !v.Type().Equals(facultyType) {
			in.fail("faculty", invalidReference, `"faculty" must be a reference such as faculty.hss, or each.value where for_each = faculty, not %s.`, typeName(v.Type()))
			return nil
		}
		wanted := v.GetAttr("block").EncapsulatedValue().(*faculty)
		for _, i := range c.allInstances() {
			if i.faculty == wanted {
				out = append(out, i)
			}
		}
		return out
	default:
		return c.allInstances()
	}
}

// allInstances lists the instances of all syncs of a module and of those within it, as written.
func (c *compiler) allInstances() []*instance {
	var out []*instance
	for _, s := range c.allSyncs() {
		out = append(out, s.instances...)
	}
	return out
}

// judgement is what a policy judges plans by.
type judgement struct {
	names              *planNames
	ctx                *hcl.EvalContext
	condition, message hclsyntax.Expression
}

// rehearse returns the mistakes that show without a plan: on a day about which nothing is known, and on
// each day of a week.
func (j judgement) rehearse() hcl.Diagnostics {
	days := []time.Time{{}}
	for day := 7; day <= 13; day++ {
		days = append(days, time.Date(2026, 9, day, 0, 0, 0, 0, time.UTC))
	}
	for _, day := range days {
		ctx := withVariable(j.ctx, "plan", j.names.unknown(day))
		_, diags := overPlan(j.condition, ctx, cty.Bool, "condition")
		_, more := overPlan(j.message, ctx, cty.String, "message")
		if diags = append(diags, more...); diags.HasErrors() {
			return diags
		}
	}
	return nil
}

func (j judgement) judge(facts config.PlanFacts) (obeys bool, message string, err error) {
	ctx := withVariable(j.ctx, "plan", j.names.known(facts))
	v, diags := overPlan(j.condition, ctx, cty.Bool, "condition")
	if diags.HasErrors() {
		return false, "", mistake(diags)
	}
	// As everywhere, a condition that is null is false.
	if !v.IsNull() && v.True() {
		return true, "", nil
	}
	text, diags := overPlan(j.message, ctx, cty.String, "message")
	if !diags.HasErrors() && text.IsNull() {
		diags = hcl.Diagnostics{{Severity: hcl.DiagError, Summary: invalidValue, Detail: `"message" is null.`, Subject: j.message.Range().Ptr()}}
	}
	if diags.HasErrors() {
		return false, "", mistake(diags)
	}
	return false, text.AsString(), nil
}

// overPlan evaluates an expression over plan to a type; it is unknown where plan is not known enough.
func overPlan(expr hclsyntax.Expression, ctx *hcl.EvalContext, t cty.Type, what string) (cty.Value, hcl.Diagnostics) {
	v, diags := expr.Value(ctx)
	if diags.HasErrors() {
		return cty.UnknownVal(t), diags
	}
	out, err := convert.Convert(v, t)
	if err != nil {
		return cty.UnknownVal(t), hcl.Diagnostics{{
			Severity: hcl.DiagError, Summary: invalidValue, Subject: expr.Range().Ptr(),
			Detail: fmt.Sprintf("%q must be %s, not %s.", what, typeName(t), typeName(v.Type())),
		}}
	}
	return out, nil
}

// mistake turns what HCL says of an expression that cannot be evaluated into an error, with its place.
func mistake(diags hcl.Diagnostics) error {
	d := diags[0]
	detail := strings.TrimSuffix(d.Detail, ".") // what the error becomes a part of goes on
	if d.Subject == nil {
		return fmt.Errorf("%s: %s", d.Summary, detail)
	}
	return fmt.Errorf("%s: %s: %s", position(*d.Subject), d.Summary, detail)
}
