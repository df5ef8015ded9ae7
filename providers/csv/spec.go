package csv

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/providers"
)

// sourceSpec declares the attributes. Each is checked on its own, so that its
// diagnostic stands on it; what depends on several is checked last, on the block.
func sourceSpec() hcldec.Spec {
	listOfText := cty.List(cty.String)
	return &hcldec.ValidateSpec{
		Wrapped: hcldec.ObjectSpec{
			"directory":        text("directory", true, checkDirectory),
			"extension":        text("extension", false, checkExtension),
			"delimiter":        text("delimiter", false, checkDelimiter),
			"encoding":         text("encoding", false, checkEncoding),
			"header":           &hcldec.AttrSpec{Name: "header", Type: cty.Bool},
			"columns":          checked("columns", listOfText, func(v any) error { return checkColumns(texts(v)) }),
			"quote":            text("quote", false, checkMark),
			"comment":          text("comment", false, checkMark),
			"null":             &hcldec.AttrSpec{Name: "null", Type: cty.String},
			"date_format":      text("date_format", false, checkDateFormat),
			"timestamp_format": text("timestamp_format", false, checkStampFormat),
			"decimal":          text("decimal", false, checkDecimal),
			"thousands":        text("thousands", false, checkThousands),
			"true_values":      checked("true_values", listOfText, func(v any) error { return checkTruths(texts(v)) }),
			"false_values":     checked("false_values", listOfText, func(v any) error { return checkTruths(texts(v)) }),
			"types":            checked("types", cty.Map(cty.String), checkTypes),
			"trim":             &hcldec.AttrSpec{Name: "trim", Type: cty.Bool},
		},
		Func: func(v cty.Value) hcl.Diagnostics {
			return diagnose(v, "Contradictory csv source", func(v any) error {
				attributes, _ := v.(map[string]any)
				if attributes["directory"] == nil {
					return nil // hcldec says that it is missing
				}
				_, err := newOptions(attributes)
				return err
			})
		},
	}
}

func checkEncoding(name string) error { _, err := charsetNamed(name); return err }

func checkDateFormat(format string) error { _, err := dateLayout(format); return err }

func checkStampFormat(format string) error { _, err := stampLayout(format); return err }

func checkTypes(v any) error {
	types, _ := v.(map[string]any)
	for column, name := range types {
		s, _ := name.(string)
		if _, err := kindNamed(s); err != nil {
			return fmt.Errorf("column %q: %w", column, err)
		}
	}
	return nil
}

func texts(v any) []string { return list(providers.Attributes{"": v}, "") }

func text(name string, required bool, check func(string) error) hcldec.Spec {
	return &hcldec.ValidateSpec{
		Wrapped: &hcldec.AttrSpec{Name: name, Type: cty.String, Required: required},
		Func: func(v cty.Value) hcl.Diagnostics {
			return diagnose(v, invalid(name), func(v any) error {
				s, _ := v.(string)
				return check(s)
			})
		},
	}
}

func checked(name string, t cty.Type, check func(v any) error) hcldec.Spec {
	return &hcldec.ValidateSpec{
		Wrapped: &hcldec.AttrSpec{Name: name, Type: t},
		Func:    func(v cty.Value) hcl.Diagnostics { return diagnose(v, invalid(name), check) },
	}
}

func invalid(name string) string { return "Invalid " + strings.ReplaceAll(name, "_", " ") }

// diagnose runs check on a value that is set and known. The range is left to
// hcldec, which fills in the attribute's.
func diagnose(v cty.Value, summary string, check func(v any) error) hcl.Diagnostics {
	v, marks := v.UnmarkDeep()
	if v.IsNull() || !v.IsWhollyKnown() {
		return nil
	}
	err := check(plain(v))
	if err == nil {
		return nil
	}
	detail := err.Error()
	if len(marks) > 0 {
		detail = "The value, which is sensitive and not shown, is not one that this attribute takes."
	}
	return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: summary, Detail: sentence(detail)}}
}

// plain turns a value into what providers.Attributes holds.
func plain(v cty.Value) any {
	switch t := v.Type(); {
	case v.IsNull():
		return nil
	case t == cty.String:
		return v.AsString()
	case t == cty.Bool:
		return v.True()
	case t.IsListType():
		items := []any{}
		for _, item := range v.AsValueSlice() {
			items = append(items, plain(item))
		}
		return items
	default:
		members := map[string]any{}
		for name, member := range v.AsValueMap() {
			members[name] = plain(member)
		}
		return members
	}
}

func sentence(text string) string {
	if !strings.HasSuffix(text, "?") && !strings.HasSuffix(text, ".") {
		text += "."
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
