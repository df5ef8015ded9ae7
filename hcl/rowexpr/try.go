package rowexpr

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/customdecode"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// The functions of HCL's package tryfunc evaluate their arguments twice, so that one within another takes time
// without end; and they lose the marks of what decided: whether sensitive values can be evaluated tells of them.

// tryFunction returns the first argument that can be evaluated.
func tryFunction() function.Function {
	closures := function.Parameter{Name: "expressions", Type: customdecode.ExpressionClosureType}
	return function.New(&function.Spec{
		VarParam: &closures,
		Type:     function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			var mistakes hcl.Diagnostics
			var marks []cty.ValueMarks
			for _, arg := range args {
				closure := customdecode.ExpressionClosureFromVal(arg)
				marks = append(marks, marksOf(closure))
				v, diags := closure.Value()
				if diags.HasErrors() {
					mistakes = append(mistakes, diags...)
					continue
				}
				if !v.IsWhollyKnown() {
					// Once it is known, it may fail after all.
					return cty.DynamicVal, nil
				}
				return v.WithMarks(marks...), nil
			}
			return cty.NilVal, noneTried(mistakes)
		},
	})
}

// canFunction returns whether its argument can be evaluated.
func canFunction() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "expression", Type: customdecode.ExpressionClosureType}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			closure := customdecode.ExpressionClosureFromVal(args[0])
			v, diags := closure.Value()
			if !diags.HasErrors() && !v.IsWhollyKnown() {
				return cty.UnknownVal(cty.Bool), nil
			}
			return cty.BoolVal(!diags.HasErrors()).WithMarks(marksOf(closure)), nil
		},
	})
}

// marksOf are the marks of all that an expression refers to.
func marksOf(closure *customdecode.ExpressionClosure) cty.ValueMarks {
	out := make(cty.ValueMarks)
	for _, t := range closure.Expression.Variables() {
		// Where the last steps fail, what they start from still tells.
		for n := len(t); n > 0; n-- {
			v, diags := t[:n].TraverseAbs(closure.EvalContext)
			if diags.HasErrors() {
				continue
			}
			_, marks := v.UnmarkDeep()
			for one := range marks {
				out[one] = struct{}{}
			}
			break
		}
	}
	return out
}

func noneTried(mistakes hcl.Diagnostics) error {
	if len(mistakes) == 0 {
		return errors.New("at least one argument is required")
	}
	var b strings.Builder
	b.WriteString("none of its arguments can be evaluated:")
	for _, d := range mistakes {
		fmt.Fprintf(&b, "\n- %s", d.Summary)
		if d.Subject != nil {
			fmt.Fprintf(&b, " (at %s)", d.Subject)
		}
		fmt.Fprintf(&b, ": %s", d.Detail)
	}
	return errors.New(b.String())
}
