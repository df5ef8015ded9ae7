package hcl

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/providers"
)

// connection is a source or a destination block.
type connection struct {
	block      *hclsyntax.Block
	connection *config.Connection
}

func (c *compiler) compileConnection(b *hclsyntax.Block) {
	known := c.sources
	if b.Type == "destination" {
		known = c.destinations
	}
	conn := known[pair(b)]
	*conn.connection = config.Connection{
		Address:    c.prefix + b.Type + "." + pair(b),
		Provider:   b.Labels[0],
		Name:       b.Labels[1],
		Attributes: map[string]any{},
		Range:      position(b.DefRange()),
	}
	if b.Type == "source" {
		c.config.Sources = append(c.config.Sources, conn.connection)
	} else {
		c.config.Destinations = append(c.config.Destinations, conn.connection)
		b = c.takeMask(b, conn.connection)
	}
	spec, ok := c.spec(b)
	if !ok {
		// What it may hold is not known, but the names in its expressions are.
		eachAttribute(b, func(a *hclsyntax.Attribute) { c.check(a.Expr, scope{locals: true}) })
		return
	}
	if attributes, ok := c.decode(b, spec); ok {
		conn.connection.Attributes = attributes
	}
	conn.connection.Secrets = c.secretsOf(b)
	for _, name := range names(b.Body.Attributes) {
		if len(variablesOf(referred(b.Body.Attributes[name].Expr, c.base)...)) > 0 {
			conn.connection.SecretAttributes = append(conn.connection.SecretAttributes, name)
		}
	}
}

// secretsOf returns the names of the sensitive variables of the root that a block's arguments refer to, sorted.
func (c *compiler) secretsOf(b *hclsyntax.Block) []string {
	var values []cty.Value
	eachAttribute(b, func(a *hclsyntax.Attribute) { values = append(values, referred(a.Expr, c.base)...) })
	return variablesOf(values...)
}

// takeMask evaluates the argument sensitive of a destination block, and returns the block without it: it is not
// the provider's.
func (c *compiler) takeMask(b *hclsyntax.Block, destination *config.Connection) *hclsyntax.Block {
	a := b.Body.Attributes["sensitive"]
	if a == nil {
		return b
	}
	rest, body := *b, *b.Body
	body.Attributes = maps.Clone(b.Body.Attributes)
	delete(body.Attributes, a.Name)
	rest.Body = &body
	s := scope{ctx: c.base, locals: true}
	own := block{c: c, title: "destination block", header: b.DefRange(), arguments: map[string]*hclsyntax.Attribute{a.Name: a}}
	if masked, said := own.in(s).maskAll(); said {
		c.masks[destination] = masked
	}
	return &rest
}

// maskAll evaluates an argument sensitive that is about all the columns of syncs: "all", or [] for none; said is
// false where it is left out or faulty.
func (b *block) maskAll() (masked, said bool) {
	v, ok := b.value("sensitive")
	switch {
	case !ok:
		return false, false
	case v.Type() == cty.String && v.AsString() == "all":
		return true, true
	case v.Type().IsTupleType() && v.LengthInt() == 0:
		return false, true
	default:
		b.fail("sensitive", invalidValue, `In a %s "sensitive" is "all", or [] for none: single columns are listed by the syncs.`, b.title)
		return false, false
	}
}

// masksByDefault reports whether a sync into a destination masks all its columns where it does not say itself which; a nil
// destination has what the registrar block says.
func (c *compiler) masksByDefault(into *config.Connection) bool {
	if masked, said := c.masks[into]; said {
		return masked
	}
	return c.maskAll
}

// eachAttribute visits the attributes of a block and of those within it.
func eachAttribute(b *hclsyntax.Block, visit func(*hclsyntax.Attribute)) {
	hclsyntax.VisitAll(b.Body, func(node hclsyntax.Node) hcl.Diagnostics {
		if a, ok := node.(*hclsyntax.Attribute); ok {
			visit(a)
		}
		return nil
	})
}

// spec returns what the block's provider says may stand in it.
func (c *compiler) spec(b *hclsyntax.Block) (hcldec.Spec, bool) {
	name := b.Labels[0]
	var all, fitting []string
	for _, p := range c.opts.Providers {
		spec, fits := specOf(p, b.Type)
		if fits && p.Name() == name {
			if spec == nil {
				spec = hcldec.ObjectSpec{}
			}
			return spec, true
		}
		if fits {
			fitting = append(fitting, p.Name())
		}
		all = append(all, p.Name())
	}
	if slices.Contains(all, name) {
		c.errorf(b.LabelRanges[0], "Provider is no "+b.Type, "The provider %q cannot be a %s.%s", name, b.Type, didYouMean("", fitting))
		return nil, false
	}
	c.errorf(b.LabelRanges[0], "Unknown provider", "There is no provider %q.%s", name, didYouMean(name, fitting))
	return nil, false
}

// specOf returns what p says of blocks of a type; false if it has none of those.
func specOf(p providers.Provider, blockType string) (hcldec.Spec, bool) {
	if blockType == "source" {
		if source, ok := p.(providers.SourceProvider); ok {
			return source.SourceSpec(), true
		}
	} else if destination, ok := p.(providers.DestinationProvider); ok {
		return destination.DestinationSpec(), true
	}
	return nil, false
}

func (c *compiler) decode(b *hclsyntax.Block, spec hcldec.Spec) (map[string]any, bool) {
	s := scope{ctx: c.base, locals: true}
	// Providers look at values without knowing of marks or of unknown values.
	complete := true
	var faulty, secret []hcl.Range
	eachAttribute(b, func(attribute *hclsyntax.Attribute) {
		if !c.check(attribute.Expr, s) || !c.mayCompute(attribute.Expr, s.ctx) {
			faulty = append(faulty, attribute.SrcRange)
			complete = false
			return
		}
		complete = complete && known(attribute.Expr, s.ctx)
		if secretIn(attribute.Expr, s.ctx) {
			secret = append(secret, attribute.SrcRange)
		}
	})
	var value cty.Value
	var diags hcl.Diagnostics
	if complete {
		value, diags = hcldec.Decode(b.Body, spec, unmarked(s.ctx))
	} else {
		_, diags = b.Body.Content(hcldec.ImpliedSchema(spec))
	}
	for _, d := range diags {
		if d.Subject == nil {
			d.Subject = b.DefRange().Ptr()
		}
		if !overlapping(*d.Subject, faulty) {
			// A provider's message about the block as a whole may quote any of its values.
			whole := !slices.ContainsFunc(attributeRanges(b), func(r hcl.Range) bool { return r.Overlaps(*d.Subject) })
			c.report(hcl.Diagnostics{d}, overlapping(*d.Subject, secret) || whole && len(secret) > 0 && !structural(d))
		}
	}
	if !complete || diags.HasErrors() || !value.IsWhollyKnown() {
		return map[string]any{}, false
	}
	attributes, _ := goData(value).(map[string]any)
	if attributes == nil {
		attributes = map[string]any{}
	}
	return attributes, true
}

func overlapping(at hcl.Range, ranges []hcl.Range) bool {
	return slices.ContainsFunc(ranges, at.Overlaps)
}

func attributeRanges(b *hclsyntax.Block) []hcl.Range {
	var out []hcl.Range
	for _, a := range b.Body.Attributes {
		out = append(out, a.SrcRange)
	}
	return out
}

// structural tells HCL's own messages about what may stand in a block, which
// quote no values.
func structural(d *hcl.Diagnostic) bool {
	return slices.Contains([]string{missingArgument, unsupportedArgument, unsupportedBlock}, d.Summary)
}
