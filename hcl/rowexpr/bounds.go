package rowexpr

import (
	"fmt"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// A configuration, and what a row holds, may be a stranger's: what recurses, or multiplies, has bounds.
const (
	maxNesting  = 200     // of JSON
	maxProducts = 100_000 // elements of setproduct
)

// bounded returns f, which refuses arguments for which allowed has an error. They are known, not null and without marks.
func bounded(f function.Function, allowed func(args []cty.Value) error) function.Function {
	check := func(args []cty.Value) error {
		bare := make([]cty.Value, len(args))
		for i, arg := range args {
			if bare[i], _ = arg.Unmark(); !bare[i].IsKnown() || bare[i].IsNull() {
				return nil
			}
		}
		return allowed(bare)
	}
	return function.New(&function.Spec{
		Params: f.Params(), VarParam: f.VarParam(),
		Type: func(args []cty.Value) (cty.Type, error) {
			if err := check(args); err != nil {
				return cty.DynamicPseudoType, err
			}
			return f.ReturnTypeForValues(args)
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return f.Call(args) },
	})
}

// flatJSON refuses texts whose brackets are nested too deep; whether they are JSON is not looked at.
func flatJSON(args []cty.Value) error {
	depth, quoted := 0, false
	text := args[0].AsString()
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			if depth++; depth > maxNesting {
				return function.NewArgErrorf(0, "brackets are nested more than %d deep", maxNesting)
			}
		case c == ']' || c == '}':
			depth--
		}
	}
	return nil
}

// fewProducts refuses sets whose product is too large.
func fewProducts(args []cty.Value) error {
	product := 1
	for _, arg := range args {
		if !arg.CanIterateElements() {
			return nil // that is said by the function
		}
		if product *= arg.LengthInt(); product > maxProducts {
			return fmt.Errorf("there would be more than %d elements", maxProducts)
		}
	}
	return nil
}
