package hcl

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

const environmentPrefix = "REGISTRAR_VAR_"

const undeclaredVariable = "Value for undeclared variable"

// variable is a variable block.
type variable struct {
	name     string
	block    *hclsyntax.Block
	opened   *block
	typ      cty.Type
	defaults *typeexpr.Defaults
	// literal: a value given as text is the value itself, not an expression.
	literal   bool
	sensitive bool
	// value is marked if sensitive; unknown where it is missing or faulty.
	value cty.Value
	// given is where the value was written, the block itself for text from the
	// command line or the environment.
	given    hcl.Range
	hasValue bool
	// outside: the value does not come from the configuration's directory.
	outside bool
}

// isSecret reports whether a value of v may not be shown: as the block says, or, in a stranger's
// configuration, since it would come from outside of the directory.
func (c *compiler) isSecret(v *variable, outside bool) bool {
	return v.sensitive || c.parent == nil && outside && c.opts.Untrusted && !slices.Contains(c.opts.PublicVariables, v.name)
}

var variableSchema = schema{
	arguments: map[string]bool{"type": false, "default": false, "sensitive": false, "description": false},
	blocks:    map[string]nested{"validation": {many: true}},
}

// giveVariables gives the variables their values; a later source wins: default,
// environment, *.auto.vars.hcl, --var-file, --var.
func (c *compiler) giveVariables() {
	for _, name := range names(c.variables) {
		c.openVariable(c.variables[name])
	}
	c.readEnvironment()
	for _, name := range c.directories[c.dir].variableFiles {
		src, err := readWithin(c.root, filepath.FromSlash(name))
		c.readVariableFile(name, src, err, false)
	}
	for _, name := range c.opts.VariableFiles {
		src, err := readAnywhere(name)
		c.readVariableFile(name, src, err, true)
	}
	for _, name := range names(c.opts.Variables) {
		v := c.variables[name]
		if v == nil {
			if !c.inBrokenFile(name) && !c.opts.SkipUndeclared {
				c.errorf(hcl.Range{}, undeclaredVariable, "--var gives a value to %q, but no variable of that name is declared.%s", name, didYouMean(name, names(c.variables)))
			}
			continue
		}
		c.giveText(v, c.opts.Variables[name], "--var")
	}
	for _, name := range names(c.variables) {
		c.finishVariable(c.variables[name])
	}
	for _, name := range names(c.variables) {
		c.validateVariable(c.variables[name])
	}
}

func (c *compiler) openVariable(v *variable) {
	b := c.open(v.block, "variable block", variableSchema, scope{constant: true})
	v.opened, v.typ, v.literal = b, cty.DynamicPseudoType, true
	v.given = v.block.DefRange()
	v.sensitive = b.boolean("sensitive")
	b.text("description")
	if a := b.arguments["type"]; a != nil {
		t, defaults, ok := c.typeConstraint(a.Expr)
		if ok && c.parent == nil && refers(t) {
			c.errorf(a.Expr.Range(), "Unsuitable type", "Only a module's variable can be of type %s: what the root's variables are given comes from outside of the configuration, where nothing can be referred to.", typeText(t))
			ok = false
		}
		if !ok {
			v.hasValue, v.value = true, cty.DynamicVal
			return
		}
		v.typ, v.defaults = t, defaults
		v.literal = t.IsPrimitiveType()
	}
	if a := b.arguments["default"]; a != nil {
		if value, ok := c.eval(a.Expr, scope{constant: true}); ok {
			c.give(v, value, a.Expr.Range(), false)
		} else {
			v.hasValue, v.value = true, cty.UnknownVal(v.typ.WithoutOptionalAttributesDeep())
		}
	}
}

// give sets a variable's value, replacing an earlier one.
func (c *compiler) give(v *variable, value cty.Value, at hcl.Range, outside bool) {
	if v.defaults != nil && !value.IsNull() {
		value = v.defaults.Apply(value)
	}
	v.hasValue, v.given, v.outside = true, at, outside
	out, err := convert.Convert(value, v.typ)
	if err != nil {
		secret := c.isSecret(v, outside) || value.ContainsMarked()
		text := conversionText(err, v.typ, secret)
		if refers(v.typ) && !secret {
			// package convert has no names for our types.
			text = "expected " + typeText(v.typ) + ", not " + typeText(value.Type())
		}
		c.errorf(at, "Invalid value for variable", "The value given to var.%s does not fit: %s.", v.name, text)
		out = cty.UnknownVal(v.typ.WithoutOptionalAttributesDeep())
	}
	v.value = out
}

// giveText sets a variable's value from text that is not in a file.
func (c *compiler) giveText(v *variable, text, from string) {
	at := v.block.DefRange()
	if v.literal {
		c.give(v, cty.StringVal(text), at, true)
		return
	}
	value := cty.DynamicVal
	d := tooComplex([]byte(text), "")
	if d == nil {
		expr, diags := hclsyntax.ParseExpression([]byte(text), "", hcl.InitialPos)
		if !diags.HasErrors() {
			diags = append(diags, bound(expr)...)
		}
		if !diags.HasErrors() {
			var more hcl.Diagnostics
			value, more = expr.Value(nil)
			diags = append(diags, more...)
		}
		if diags.HasErrors() {
			d = diags[0]
		}
	}
	if d != nil {
		detail := d.Summary + "; " + d.Detail
		if c.isSecret(v, true) {
			detail = withheld
		}
		c.errorf(at, "Invalid value for variable", "The value that %s gives to var.%s must be an HCL expression of type %s: %s", from, v.name, typeText(v.typ), detail)
		v.hasValue, v.value = true, cty.UnknownVal(v.typ.WithoutOptionalAttributesDeep())
		return
	}
	c.give(v, value, at, true)
}

// readEnvironment passes over names that no variable has: an environment may serve
// several configurations.
func (c *compiler) readEnvironment() {
	given := make(map[string]string)
	for _, entry := range c.opts.Environ {
		key, text, _ := strings.Cut(entry, "=")
		if name, ok := strings.CutPrefix(key, environmentPrefix); ok && c.variables[name] != nil {
			given[name] = text
		}
	}
	for _, name := range names(given) {
		c.giveText(c.variables[name], given[name], environmentPrefix+name)
	}
}

func readAnywhere(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	return readLimited(file)
}

// readVariableFile reads a file of name = value. Its text is not kept in
// Config.Files: it may hold secrets, which no snippet must show. outside: it was given as --var-file.
func (c *compiler) readVariableFile(name string, src []byte, err error, outside bool) {
	if err != nil {
		c.errorf(hcl.Range{}, "Unreadable file", "The file of variables %q cannot be read: %s.", name, c.reason(name, err))
		return
	}
	src = unixLines(src)
	if d := tooComplex(src, name); d != nil {
		c.report(hcl.Diagnostics{d}, false)
		return
	}
	file, diags := hclsyntax.ParseConfig(src, name, hcl.InitialPos)
	c.report(diags, false)
	body, ok := file.Body.(*hclsyntax.Body)
	if !ok {
		return
	}
	c.report(bound(body), false)
	for _, b := range body.Blocks {
		c.errorf(b.TypeRange, unsupportedBlock, "A file of variables holds name = value only; the block %q belongs into a file whose name ends in %s.", b.Type, extension)
	}
	for _, key := range names(body.Attributes) {
		attribute := body.Attributes[key]
		v := c.variables[key]
		if v == nil {
			if !c.inBrokenFile(key) && !c.opts.SkipUndeclared {
				c.warnf(attribute.NameRange, undeclaredVariable, "A value is given to %q, but no variable of that name is declared.%s", key, didYouMean(key, names(c.variables)))
			}
			continue
		}
		value, diags := attribute.Expr.Value(nil)
		c.report(diags, c.isSecret(v, outside))
		if diags.HasErrors() {
			v.hasValue, v.value = true, cty.UnknownVal(v.typ.WithoutOptionalAttributesDeep())
			continue
		}
		c.give(v, value, attribute.Expr.Range(), outside)
	}
}

// finishVariable completes a variable of the root and reports it if its value is missing.
func (c *compiler) finishVariable(v *variable) {
	if !v.hasValue {
		c.errorf(v.block.DefRange(), "No value for required variable",
			"The variable %q has no default, so it must be given a value: by --var '%s=…', by a line %s = … in a file named *%s or given as --var-file, or by the environment variable %s%s.",
			v.name, v.name, v.name, variablesExtension, environmentPrefix, v.name)
	}
	c.completeVariable(v)
}

// completeVariable makes unknown what is missing, and marks what is sensitive.
func (c *compiler) completeVariable(v *variable) {
	if !v.hasValue {
		v.value = cty.UnknownVal(v.typ.WithoutOptionalAttributesDeep())
	}
	v.sensitive = c.isSecret(v, v.outside)
	switch {
	case !v.sensitive:
	case c.parent == nil:
		v.value = v.value.Mark(mark{v.name})
	default:
		v.value = v.value.Mark(mark{})
	}
}

var validationSchema = schema{arguments: map[string]bool{"condition": true, "error_message": true}}

func (c *compiler) validateVariable(v *variable) {
	if len(v.opened.blocks["validation"]) == 0 {
		return
	}
	ctx := &hcl.EvalContext{
		Variables: map[string]cty.Value{"var": c.variableValues()},
		Functions: maps.Clone(c.functions),
	}
	for _, inner := range v.opened.blocks["validation"] {
		b := c.open(inner, "validation block", validationSchema, scope{ctx: ctx})
		condition, message := b.arguments["condition"], b.arguments["error_message"]
		if condition == nil || message == nil {
			continue
		}
		if !namesVariable(condition.Expr, v.name) {
			c.errorf(condition.Expr.Range(), "Invalid validation", "The condition must refer to var.%s, the variable that it validates.", v.name)
			continue
		}
		if c.opts.Untrusted && secretIn(condition.Expr, ctx) {
			// Whether it holds would tell of the value what the rule asks.
			c.warnf(condition.Expr.Range(), "Rule not looked at", "The configuration is under review, and the rule depends on a value that is not shown. It is looked at once the configuration is trusted.")
			continue
		}
		// Both are checked, but a value whose mistake is known is not judged again.
		result, ok := c.eval(condition.Expr, b.scope)
		text, okText := c.eval(message.Expr, b.scope)
		if !ok {
			continue
		}
		result, _ = result.Unmark()
		if result.IsNull() {
			result = cty.False
		}
		result, ok = c.converted(result, cty.Bool, condition.Expr.Range(), quoted("condition"))
		if !ok || result.True() {
			continue
		}
		c.errorf(v.given, "Invalid value for variable", "%s (var.%s, checked by the rule at %s)", messageText(text, okText), v.name, position(condition.Expr.Range()))
	}
}

func messageText(v cty.Value, ok bool) string {
	if ok && v.ContainsMarked() {
		return "The rule's message is not shown, because it contains a sensitive value."
	}
	if ok && v.Type() == cty.String && !v.IsNull() {
		return v.AsString()
	}
	return "The value is refused."
}

func namesVariable(expr hcl.Expression, name string) bool {
	return slices.ContainsFunc(expr.Variables(), func(t hcl.Traversal) bool {
		second, _, ok := step(t, 1)
		return ok && t.RootName() == "var" && second == name
	})
}

// variableValues is what var stands for.
func (c *compiler) variableValues() cty.Value {
	values := make(map[string]cty.Value, len(c.variables))
	for name, v := range c.variables {
		values[name] = v.value
	}
	return cty.ObjectVal(values)
}
