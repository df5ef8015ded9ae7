package hcl

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/suggest"
)

// schema says what may stand in a block.
type schema struct {
	arguments map[string]bool // true: required
	blocks    map[string]nested
}

// nested says how often a block may stand in another, and with which labels.
type nested struct {
	labels   []string
	required bool
	many     bool
}

// block is a block whose contents have been held against its schema.
type block struct {
	c      *compiler
	title  string // `source block`
	header hcl.Range
	// arguments are those that the schema knows; the others have been reported.
	arguments map[string]*hclsyntax.Attribute
	blocks    map[string][]*hclsyntax.Block
	required  []string // arguments
	scope     scope
}

// open checks what stands in a block, but not its labels.
func (c *compiler) open(b *hclsyntax.Block, title string, s schema, sc scope) *block {
	out := &block{
		c: c, title: title, header: b.DefRange(), scope: sc,
		arguments: make(map[string]*hclsyntax.Attribute),
		blocks:    make(map[string][]*hclsyntax.Block),
	}
	for _, name := range names(b.Body.Attributes) {
		attribute := b.Body.Attributes[name]
		if _, known := s.arguments[name]; known {
			out.arguments[name] = attribute
			continue
		}
		switch _, isBlock := s.blocks[name]; {
		case isBlock:
			c.errorf(attribute.NameRange, unsupportedArgument, "%q is a block: it is written without the equals sign, as %s { … }.", name, name)
		case isUnsupportedItem(name):
			c.unsupported(attribute.NameRange, name)
		default:
			c.errorf(attribute.NameRange, unsupportedArgument, "A %s has no argument %q.%s", title, name, didYouMean(name, s.all()))
		}
	}
	for _, inner := range b.Body.Blocks {
		rule, known := s.blocks[inner.Type]
		if known {
			if c.checkLabels(inner, rule.labels) {
				out.blocks[inner.Type] = append(out.blocks[inner.Type], inner)
			}
			continue
		}
		switch _, isArgument := s.arguments[inner.Type]; {
		case isArgument:
			c.errorf(inner.TypeRange, unsupportedBlock, "%q is an argument: it is written with an equals sign, as %s = ….", inner.Type, inner.Type)
		case isUnsupportedItem(inner.Type):
			c.unsupported(inner.TypeRange, inner.Type)
		default:
			c.errorf(inner.TypeRange, unsupportedBlock, "A %s has no block %q.%s", title, inner.Type, didYouMean(inner.Type, s.all()))
		}
	}
	for _, name := range names(s.arguments) {
		isBlock := holds(b.Body.Blocks, name)
		if !s.arguments[name] {
			continue
		}
		out.required = append(out.required, name)
		if out.arguments[name] == nil && !isBlock {
			c.errorf(out.header, missingArgument, "A %s needs the argument %q.", title, name)
			c.failures++
		}
	}
	for _, name := range names(s.blocks) {
		found := out.blocks[name]
		if s.blocks[name].required && !holds(b.Body.Blocks, name) && b.Body.Attributes[name] == nil {
			c.errorf(out.header, "Missing required block", "A %s needs a block %q.", title, name)
			c.failures++
		}
		if !s.blocks[name].many && len(found) > 1 {
			for _, again := range found[1:] {
				c.errorf(again.DefRange(), "Duplicate block", "A %s has one %s block; the first is on line %d.", title, name, found[0].TypeRange.Start.Line)
			}
		}
	}
	return out
}

func (s schema) all() []string {
	return slices.Concat(slices.Collect(maps.Keys(s.arguments)), slices.Collect(maps.Keys(s.blocks)))
}

func holds(blocks hclsyntax.Blocks, name string) bool {
	return slices.ContainsFunc(blocks, func(one *hclsyntax.Block) bool { return one.Type == name })
}

// checkLabels reports missing, superfluous and unusable labels.
func (c *compiler) checkLabels(b *hclsyntax.Block, wanted []string) bool {
	form := b.Type
	if len(wanted) > 0 {
		form += ` "<` + strings.Join(wanted, `>" "<`) + `>"`
	}
	switch {
	case len(b.Labels) < len(wanted):
		c.errorf(b.DefRange(), "Missing label", "The %s is missing; write %s { … }.", wanted[len(b.Labels)], form)
		return false
	case len(b.Labels) > len(wanted):
		c.errorf(b.LabelRanges[len(wanted)], "Extraneous label", "There is a label too many; write %s { … }.", form)
		return false
	}
	return true
}

// checkIdentifier reports a label that no reference could spell.
func (c *compiler) checkIdentifier(name string, at hcl.Range) bool {
	if hclsyntax.ValidIdentifier(name) {
		return true
	}
	c.errorf(at, invalidName, "%q cannot be a name: a name begins with a letter and holds letters, digits, _ and - only.", name)
	return false
}

// in returns the block with its expressions evaluated in another scope. Arguments
// that are null there count as left out; required ones are reported.
func (b *block) in(s scope) *block {
	out := *b
	out.scope = s
	out.arguments = make(map[string]*hclsyntax.Attribute, len(b.arguments))
	for _, name := range names(b.arguments) {
		if !out.isNull(b.arguments[name].Expr) {
			out.arguments[name] = b.arguments[name]
			continue
		}
		if slices.Contains(b.required, name) {
			b.c.failures++
			b.c.errorf(b.at(name), missingArgument, "A %s needs the argument %q, and it is null.", b.title, name)
		}
	}
	return &out
}

func (b *block) isNull(expr hclsyntax.Expression) bool {
	if !b.c.check(expr, b.scope) {
		return false
	}
	if longText(expr, b.scope.ctx) != nil {
		return false
	}
	v, diags := expr.Value(b.scope.ctx)
	if b.c.opts.Untrusted && v.IsMarked() {
		// Whether the argument counts as left out would tell of the value.
		return false
	}
	return !diags.HasErrors() && v.IsNull()
}

// has reports whether an argument is written and not null, be it with a mistake.
func (b *block) has(name string) bool { return b.arguments[name] != nil }

// settled reports whether a written argument is known not to be null: one of unknown
// value may turn out to be left out.
func (b *block) settled(name string) bool { return known(b.arguments[name].Expr, b.scope.ctx) }

// at is the range of an argument's value, or the block's header where it is not written.
func (b *block) at(name string) hcl.Range {
	if a := b.arguments[name]; a != nil {
		return a.Expr.Range()
	}
	return b.header
}

// fail reports a mistake in an argument's value.
func (b *block) fail(name, summary, format string, args ...any) {
	b.c.failures++
	b.c.errorf(b.at(name), summary, format, args...)
}

// value evaluates an argument; false where it is left out or faulty. The
// faulty ones have been reported and counted in failures.
func (b *block) value(name string) (cty.Value, bool) {
	a := b.arguments[name]
	if a == nil {
		return cty.NilVal, false
	}
	return b.c.plain(a.Expr, b.scope, quoted(name))
}

func (b *block) typed(name string, t cty.Type) (cty.Value, bool) {
	v, ok := b.value(name)
	if !ok {
		return v, false
	}
	return b.c.converted(v, t, b.at(name), quoted(name))
}

// text evaluates an argument that is text, and not empty.
func (b *block) text(name string) (string, bool) {
	v, ok := b.typed(name, cty.String)
	if !ok {
		return "", false
	}
	if strings.TrimSpace(v.AsString()) == "" {
		b.fail(name, invalidValue, "%q is empty.", name)
		return "", false
	}
	return v.AsString(), true
}

// secretText is text for an argument that may depend on a sensitive variable. In a stranger's
// configuration such text is left out.
func (b *block) secretText(name string) (string, bool) {
	a := b.arguments[name]
	if a == nil {
		return "", false
	}
	v, ok := b.c.eval(a.Expr, b.scope)
	if !ok {
		b.c.failures++
		return "", false
	}
	if b.c.opts.Untrusted && v.ContainsMarked() {
		return "", false
	}
	v, _ = v.UnmarkDeep()
	if v.IsNull() {
		return "", false
	}
	v, ok = b.c.converted(v, cty.String, b.at(name), quoted(name))
	if !ok {
		return "", false
	}
	return v.AsString(), true
}

// boolean evaluates an argument that is false unless it is written.
func (b *block) boolean(name string) bool {
	v, ok := b.typed(name, cty.Bool)
	return ok && v.True()
}

// whole evaluates an argument that is a whole number, at least least.
func (b *block) whole(name string, least int64) (int64, bool) {
	v, ok := b.typed(name, cty.Number)
	if !ok {
		return 0, false
	}
	n, accuracy := v.AsBigFloat().Int64()
	if accuracy != 0 || n < least {
		b.fail(name, invalidValue, "%q is %s; expected a whole number, %d or more.", name, v.AsBigFloat().Text('g', 12), least)
		return 0, false
	}
	return n, true
}

// item is an element of a list, with its own place where the list is written out.
type item struct {
	value cty.Value
	at    hcl.Range
}

// items evaluates an argument that is a list.
func (b *block) items(name string) ([]item, bool) {
	a := b.arguments[name]
	if a == nil {
		return nil, false
	}
	return b.c.items(a.Expr, b.scope, quoted(name))
}

func (c *compiler) items(expr hclsyntax.Expression, s scope, what string) ([]item, bool) {
	if tuple, ok := expr.(*hclsyntax.TupleConsExpr); ok {
		out := make([]item, 0, len(tuple.Exprs))
		fine := true
		for _, element := range tuple.Exprs {
			v, ok := c.plain(element, s, what)
			if ok {
				out = append(out, item{v, element.Range()})
			} else if v.IsKnown() {
				c.errorf(element.Range(), invalidValue, "%s holds a null.", what)
				c.failures++
			}
			fine = fine && ok
		}
		return out, fine
	}
	v, ok := c.plain(expr, s, what)
	if !ok {
		return nil, false
	}
	if t := v.Type(); !t.IsTupleType() && !t.IsListType() && !t.IsSetType() {
		c.errorf(expr.Range(), invalidValue, "%s must be a list, in square brackets, not %s.", what, typeName(t))
		c.failures++
		return nil, false
	}
	var out []item
	for it := v.ElementIterator(); it.Next(); {
		_, element := it.Element()
		if element.IsNull() {
			c.errorf(expr.Range(), invalidValue, "%s holds a null.", what)
			c.failures++
			return nil, false
		}
		out = append(out, item{element, expr.Range()})
	}
	return out, true
}

// word is a text with its place.
type word struct {
	text string
	at   hcl.Range
}

// words evaluates an argument that is a list of texts, no two of them equal.
func (b *block) words(name string) ([]word, bool) {
	items, ok := b.items(name)
	if !ok {
		return nil, false
	}
	return b.c.words(items, quoted(name))
}

func (c *compiler) words(items []item, what string) ([]word, bool) {
	out := make([]word, 0, len(items))
	seen := make(map[string]bool)
	fine := true
	for _, one := range items {
		v, ok := c.converted(one.value, cty.String, one.at, "An element of "+what)
		if !ok {
			fine = false
			continue
		}
		text := v.AsString()
		if seen[text] {
			c.errorf(one.at, "Duplicate element", "%s holds %q twice.", what, text)
			c.failures++
			fine = false
			continue
		}
		seen[text] = true
		out = append(out, word{text, one.at})
	}
	return out, fine
}

func texts(words []word) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = w.text
	}
	return out
}

// reference evaluates an argument that refers to a declared thing of type t.
func (b *block) reference(name string, t cty.Type, root string) (any, bool) {
	v, ok := b.value(name)
	if !ok {
		return nil, false
	}
	return b.c.referent(item{v, b.at(name)}, t, root, quoted(name))
}

func (c *compiler) referent(one item, t cty.Type, root, what string) (any, bool) {
	if !one.value.Type().Equals(t) {
		c.errorf(one.at, invalidReference, "%s must be a reference such as %s, not %s.", what, examples[root], typeName(one.value.Type()))
		c.failures++
		return nil, false
	}
	return one.value.EncapsulatedValue(), true
}

// choice evaluates an argument that is one of the given words.
func choice[T ~string](b *block, name string, allowed []T, fallback T) T {
	text, ok := b.text(name)
	if !ok {
		return fallback
	}
	if !slices.Contains(allowed, T(text)) {
		b.fail(name, invalidValue, "%q is %q; expected %s.%s", name, text, alternatives(allowed), nearest(text, allowed))
		return fallback
	}
	return T(text)
}

// alternatives spells a choice: "a", "b" or "c".
func alternatives[T ~string](allowed []T) string {
	quotedOnes := make([]string, len(allowed))
	for i, a := range allowed {
		quotedOnes[i] = strconv.Quote(string(a))
	}
	if n := len(quotedOnes); n > 1 {
		return strings.Join(quotedOnes[:n-1], ", ") + " or " + quotedOnes[n-1]
	}
	return strings.Join(quotedOnes, "")
}

// nearest is didYouMean for a message that names the alternatives anyway.
func nearest[T ~string](text string, allowed []T) string {
	candidates := make([]string, len(allowed))
	for i, a := range allowed {
		candidates[i] = string(a)
	}
	if best := suggest.Closest(text, candidates); best != "" {
		return didYouMean(text, []string{best})
	}
	return ""
}

// duration evaluates an argument such as "90s", "15m", "72h" or "30d".
func (b *block) duration(name string) (time.Duration, bool) {
	text, ok := b.text(name)
	if !ok {
		return 0, false
	}
	d, err := config.ParseSpan(text)
	if err != nil {
		b.fail(name, invalidValue, `%q is %q; expected a span of time such as "90s", "15m", "72h" or "30d".`, name, text)
		return 0, false
	}
	return d, true
}

// location evaluates an argument that names a time zone.
func (b *block) location(name string, fallback *time.Location) *time.Location {
	text, ok := b.text(name)
	if !ok {
		return fallback
	}
	if text == "Local" {
		b.fail(name, invalidValue, `%q is "Local", the zone of whichever machine runs this; name a zone such as "Europe/Paris".`, name)
		return fallback
	}
	loc, err := time.LoadLocation(text)
	if err != nil {
		b.fail(name, invalidValue, `%q is %q; expected a name of the IANA time zone database such as "Europe/Paris" or "UTC".%s`, name, text, suggestZone(text))
		return fallback
	}
	return loc
}

func quoted(name string) string { return strconv.Quote(name) }
