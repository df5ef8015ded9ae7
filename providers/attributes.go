package providers

import (
	"fmt"
	"math/big"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/zclconf/go-cty/cty"
)

// CheckedAttribute is an attribute with a check of its known, non-null values; check
// returns what is wrong, without the value, or "".
func CheckedAttribute(name string, t cty.Type, check func(cty.Value) string) hcldec.Spec {
	return &hcldec.ValidateSpec{
		Wrapped: &hcldec.AttrSpec{Name: name, Type: t},
		Func: func(v cty.Value) hcl.Diagnostics {
			v, _ = v.Unmark()
			if !v.IsKnown() || v.IsNull() {
				return nil
			}
			if message := check(v); message != "" {
				return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Unsuitable value for " + name, Detail: message + "."}}
			}
			return nil
		},
	}
}

// WholeNumber is a check for CheckedAttribute: both ends are allowed.
func WholeNumber(name string, low, high int64) func(cty.Value) string {
	return func(v cty.Value) string {
		n, accuracy := v.AsBigFloat().Int64()
		if accuracy != big.Exact || n < low || n > high {
			return fmt.Sprintf("%s must be a whole number from %d to %d", name, low, high)
		}
		return ""
	}
}

// OneOf is a check for CheckedAttribute.
func OneOf(name string, allowed ...string) func(cty.Value) string {
	return func(v cty.Value) string {
		for _, a := range allowed {
			if v.AsString() == a {
				return ""
			}
		}
		return fmt.Sprintf("%s must be one of %q", name, allowed)
	}
}
