package hcl

import (
	"reflect"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/suggest"
)

// The types of references. Their values only lead to what is declared: nothing
// can be read from them, so a source's password cannot reach an output.
var (
	sourceType      = cty.Capsule("source", reflect.TypeFor[config.Connection]())
	destinationType = cty.Capsule("destination", reflect.TypeFor[config.Connection]())
	scheduleType    = cty.Capsule("schedule", reflect.TypeFor[config.Schedule]())
	notifierType    = cty.Capsule("notifier", reflect.TypeFor[config.Notifier]())
)

// scope says what an expression may name besides what is known everywhere.
type scope struct {
	ctx      *hcl.EvalContext
	constant bool // nothing at all, not even functions
	locals   bool // false: var only, as in a variable's validation
	each     bool
	row      bool
	now      bool
	dest     bool
	plan     bool
}

// roots are the names that an expression can begin with.
var roots = []string{"var", "local", "source", "destination", "faculty", "schedule", "notify", "sync", "module", "each", "row", "dest", "plan"}

// check reports the names and functions of expr that do not exist or are out of
// place, once for each expression. Only what passes is evaluated, so that HCL's own
// messages do not repeat these.
func (c *compiler) check(expr hclsyntax.Expression, s scope) bool {
	if ok, done := c.checked[expr]; done {
		return ok
	}
	before := len(c.diags)
	for _, traversal := range expr.Variables() {
		c.checkTraversal(traversal, s)
	}
	parsed := true
	hclsyntax.VisitAll(expr, func(node hclsyntax.Node) hcl.Diagnostics {
		switch node := node.(type) {
		case *hclsyntax.FunctionCallExpr:
			c.checkCall(node, s)
		case *hclsyntax.ExprSyntaxError:
			parsed = false
		case *hclsyntax.LiteralValueExpr:
			// The parser's stand-in for what it could not read.
			parsed = parsed && node.Val.IsKnown()
		}
		return nil
	})
	ok := parsed && !c.diags[before:].HasErrors()
	// Names that a broken file may declare are let through here; evaluating them
	// would only report them after all.
	c.checked[expr] = ok && !c.mayBeBroken(expr)
	return c.checked[expr]
}

// examples are whole references, for messages.
var examples = map[string]string{
	"source": "source.csv.rooms", "destination": "destination.sqlite.timetable", "notify": "notify.email.office",
	"schedule": "schedule.nightly", "faculty": "faculty.hss", "sync": "sync.rooms",
}

func (c *compiler) checkCall(call *hclsyntax.FunctionCallExpr, s scope) {
	name := call.Name
	switch {
	case name == "lookup":
		c.errorf(call.NameRange, "lookup() not allowed here", `lookup() is the whole value of a column, as in department_id = %s: it finds rows of the destination, and is no part of an expression. To translate a value by a constant table, index the table: { A = "x" }[row.code].`, lookupForm)
	case name == "in_parent":
		c.errorf(call.NameRange, "in_parent() not allowed here", "in_parent() is the whole value of a column in the scope of a destination, which is written out there: scope = %s.", inParentForm)
	case name == "sequence":
		c.errorf(call.NameRange, "sequence() not allowed here", "sequence() is the whole value of a column in generated of a destination, which is written out there: generated = %s.", generatedForm)
	case s.constant:
		c.errorf(call.NameRange, "Function calls not allowed", "The function %s() cannot be called here: a constant is expected.", name)
	case name == "now":
		if !s.now {
			c.errorf(call.NameRange, "now() not allowed here", "now() is the instant of the apply: it can stand in archive, restore and stamps only.")
		}
	case isComparison(call):
		c.errorf(call.Range(), "Call to unknown function", `There is no function named %q; as a value of compare it stands in quotes: "rounded(2)".`, name)
	case name == "file" && s.plan:
		c.errorf(call.Range(), "file() not allowed here", "A policy is judged when a plan is made, and files are read while the configuration is loaded: let a local value read it.")
	case name == "file" && len(call.Args) == 1 && dependsOnRow(call.Args[0]):
		c.errorf(call.Range(), "file() cannot depend on a row", "A file is read while the configuration is loaded; its path cannot depend on row.")
	default:
		if _, known := c.functions[name]; !known {
			candidates := append(names(c.functions), "lookup", "in_parent", "sequence")
			if s.now {
				candidates = append(candidates, "now")
			}
			suggestion := ""
			if best := suggest.Closest(name, candidates); best != "" {
				suggestion = didYouMean(name, []string{best})
			}
			c.errorf(call.NameRange, "Call to unknown function", "There is no function named %q.%s", name, suggestion)
		}
	}
}

func dependsOnRow(expr hclsyntax.Expression) bool {
	return slices.ContainsFunc(expr.Variables(), func(t hcl.Traversal) bool { return t.RootName() == "row" })
}

func (c *compiler) checkTraversal(t hcl.Traversal, s scope) {
	root, at := t.RootName(), t.SourceRange()
	switch {
	case slices.Contains(unsupportedRoots, root):
		c.unsupported(at, root)
	case s.constant:
		c.errorf(at, "Variables not allowed", "%q cannot be used here: a constant is expected.%s", traversalText(t), quoteHint(t))
	case root == "var":
		checkName(c, t, "variable", c.variables)
	case !s.locals && slices.Contains(roots, root):
		c.errorf(at, invalidReference, "%q cannot be used here: only var can.", traversalText(t))
	case root == "local":
		checkName(c, t, "local value", c.locals)
	case root == "source":
		c.checkConnection(t, "source", c.sources)
	case root == "destination":
		c.checkConnection(t, "destination", c.destinations)
	case root == "notify":
		c.checkPair(t, "notify", c.notifierNames())
	case root == "faculty":
		if len(t) > 1 {
			checkName(c, t, "faculty", c.faculties)
		}
	case root == "schedule":
		checkName(c, t, "schedule", c.schedules)
	case root == "sync":
		c.errorf(at, invalidReference, "%q cannot be used here: a sync can be named in depends_on, and in moved, check, on_change and policy blocks, only.", traversalText(t))
	case root == "module":
		c.errorf(at, invalidReference, "%q cannot be used here: a module can be named where syncs are, as in depends_on.", traversalText(t))
	case root == "each":
		c.checkEach(t, s)
	case root == "dest":
		if !s.dest {
			c.errorf(at, `"dest" not allowed here`, "dest is a row of the destination: it is known within archived, archived_since and protect, which select rows there, and in the texts that archive sets.")
		}
	case root == "plan":
		if !s.plan {
			c.errorf(at, `"plan" not allowed here`, "plan is what a plan would do: it is known within condition and message of policy blocks only.")
		} else {
			c.checkPlan(t)
		}
	case root == "row":
		if !s.row {
			c.errorf(at, `"row" not allowed here`, "row is the source row that a column is computed from: it is known within columns, asserts, checks and watermarks only. What is written here must be known before any row is read.")
		}
	default:
		hint := quoteHint(t)
		if best := suggest.Closest(root, roots); best != "" {
			hint = didYouMean(root, []string{best})
		}
		c.errorf(at, invalidReference, "There is nothing named %q.%s", root, hint)
	}
}

func (c *compiler) checkEach(t hcl.Traversal, s scope) {
	if !s.each {
		c.errorf(t.SourceRange(), invalidReference, "each can be used within a sync, a module or a policy that has for_each, and not in for_each itself.")
		return
	}
	name, at, ok := step(t, 1)
	if ok && (name == "key" || name == "value") {
		return
	}
	if !ok {
		at = t.SourceRange()
	}
	c.errorf(at, invalidReference, "each has a key and a value.%s", didYouMean(name, []string{"key", "value"}))
}

// checkName checks the name in root.name.
func checkName[V any](c *compiler, t hcl.Traversal, what string, known map[string]V) {
	name, at, ok := step(t, 1)
	if !ok {
		c.errorf(t.SourceRange(), invalidReference, "%q must be followed by a name, as in %s.name.", t.RootName(), t.RootName())
		return
	}
	if _, declared := known[name]; !declared && !c.inBrokenFile(name) {
		c.errorf(at, "Undeclared "+what, "There is no %s %q.%s", what, name, c.unseen(t, didYouMean(name, names(known))))
	}
}

func (c *compiler) checkConnection(t hcl.Traversal, root string, known map[string]*connection) {
	pairs := make(map[string][]string)
	for _, conn := range known {
		pairs[conn.block.Labels[0]] = append(pairs[conn.block.Labels[0]], conn.block.Labels[1])
	}
	c.checkPair(t, root, pairs)
}

// checkPair checks both names in root.first.second. A second that is computed is
// checked when it is evaluated.
func (c *compiler) checkPair(t hcl.Traversal, root string, known map[string][]string) {
	first, at, ok := step(t, 1)
	if !ok {
		c.errorf(t.SourceRange(), invalidReference, "%q must be followed by two names, as in %s.", root, examples[root])
		return
	}
	seconds, found := known[first]
	if !found {
		if !c.inBrokenFile(first) {
			c.errorf(at, "Undeclared "+root, "There is no %s %q.%s", root, first, c.unseen(t, didYouMean(first, names(known))))
		}
		return
	}
	second, at, ok := step(t, 2)
	if ok && !slices.Contains(seconds, second) && !c.inBrokenFile(second) {
		c.errorf(at, "Undeclared "+root, "There is no %s %q %q.%s", root, first, second, c.unseen(t, didYouMean(second, seconds)))
	}
	if len(t) > 3 {
		c.errorf(t[3].SourceRange(), invalidReference, "A %s has no attributes that can be read: it can only be referred to.", root)
	}
}

// step returns the name in a traversal's i-th step, written .name or ["name"].
func step(t hcl.Traversal, i int) (name string, at hcl.Range, ok bool) {
	if len(t) <= i {
		return "", hcl.Range{}, false
	}
	switch s := t[i].(type) {
	case hcl.TraverseAttr:
		return s.Name, s.SrcRange, true
	case hcl.TraverseIndex:
		if s.Key.Type() == cty.String {
			return s.Key.AsString(), s.SrcRange, true
		}
	}
	return "", t[i].SourceRange(), false
}

// traversalText spells a traversal as its author did, as far as it is names.
func traversalText(t hcl.Traversal) string {
	var b strings.Builder
	b.WriteString(t.RootName())
	for i := 1; i < len(t); i++ {
		name, _, ok := step(t, i)
		if !ok {
			break
		}
		b.WriteString("." + name)
	}
	return b.String()
}

// quoteHint is for a word that was probably meant as text.
func quoteHint(t hcl.Traversal) string {
	if len(t) > 1 || slices.Contains(roots, t.RootName()) {
		return ""
	}
	return ` Text is written in quotes: "` + t.RootName() + `".`
}

// inBrokenFile reports whether a file that does not parse mentions name, so that
// it may declare it.
func (c *compiler) inBrokenFile(name string) bool {
	return slices.ContainsFunc(c.broken, func(src string) bool { return strings.Contains(src, name) })
}

// mayBeBroken reports whether expr names something that only a broken file may declare.
func (c *compiler) mayBeBroken(expr hclsyntax.Expression) bool {
	if len(c.broken) == 0 {
		return false
	}
	return slices.ContainsFunc(expr.Variables(), func(t hcl.Traversal) bool { return !c.declares(t) })
}

// declares reports whether the module declares what t refers to, as far as t tells.
func (c *compiler) declares(t hcl.Traversal) bool {
	name, _, ok := step(t, 1)
	second, _, paired := step(t, 2)
	switch t.RootName() {
	case "var":
		return c.variables[name] != nil
	case "local":
		return c.locals[name] != nil
	case "faculty":
		// The whole of them may be incomplete.
		return c.faculties[name] != nil
	case "schedule":
		return c.schedules[name] != nil
	case "source":
		return !ok || !paired || c.sources[name+"."+second] != nil
	case "destination":
		return !ok || !paired || c.destinations[name+"."+second] != nil
	case "notify":
		return !ok || !paired || c.notifiers[name+"."+second] != nil
	default:
		return true
	}
}

// unseen is a hint for a name that the module does not declare, and one around it does;
// else it is the other hint.
func (c *compiler) unseen(t hcl.Traversal, otherwise string) string {
	for p := c.parent; p != nil; p = p.parent {
		if p.declares(t) {
			return " It is declared outside of this module, which sees only its own names: pass it to a variable of the module."
		}
	}
	return otherwise
}
