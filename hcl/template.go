package hcl

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/config"
)

const (
	unsupportedText = "Unsupported text"
	textForm        = `"(archived) ${dest.name}"`
)

// template takes a text apart that depends on a row of the destination.
func (c *compiler) template(expr hclsyntax.Expression, s scope) ([]config.TemplatePart, bool) {
	switch e := expr.(type) {
	case *hclsyntax.ParenthesesExpr:
		return c.template(e.Expression, s)
	case *hclsyntax.TemplateWrapExpr: // "${…}" and nothing else
		return c.templatePart(e.Wrapped, s)
	case *hclsyntax.TemplateExpr:
		var out []config.TemplatePart
		fine := true
		for _, part := range e.Parts {
			parts, ok := c.templatePart(part, s)
			out, fine = append(out, parts...), fine && ok
		}
		return out, fine
	default:
		return nil, c.noTemplate(expr.Range(), "This value depends on the row and is no text in quotes.")
	}
}

func (c *compiler) noTemplate(at hcl.Range, why string) bool {
	c.errorf(at, unsupportedText, "%s What archive sets is a constant, now(), or a text of constants and columns of the row as they are, such as %s.", why, textForm)
	c.failures++
	return false
}

func (c *compiler) templatePart(expr hclsyntax.Expression, s scope) ([]config.TemplatePart, bool) {
	at := position(expr.Range())
	if column, is, ok := c.destReference(expr, s); is {
		return []config.TemplatePart{{Column: column, Range: at}}, ok
	}
	if dependsOnDest(expr) {
		switch expr.(type) {
		case *hclsyntax.ParenthesesExpr, *hclsyntax.TemplateExpr, *hclsyntax.TemplateWrapExpr:
			return c.template(expr, s)
		}
		return nil, c.noTemplate(expr.Range(), "The destination's database makes this text, and cannot compute this part of it.")
	}
	v, ok := c.plain(expr, s, "A text of archive")
	if !ok {
		if v.IsKnown() && v.IsNull() {
			c.errorf(expr.Range(), invalidValue, "A part of a text is null.")
			c.failures++
		}
		return nil, false
	}
	if v, ok = c.converted(v, cty.String, expr.Range(), "A part of a text"); !ok {
		return nil, false
	}
	return []config.TemplatePart{{Text: v.AsString(), Range: at}}, true
}
