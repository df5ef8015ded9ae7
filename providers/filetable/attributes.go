package filetable

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/providers"
)

// MaxColumns is how many columns a table may have: as many as a spreadsheet.
const MaxColumns = 16384

// List returns a list attribute of strings; nil where it is not set.
func List(a providers.Attributes, name string) []string {
	items, ok := a[name].([]any)
	if !ok {
		return nil
	}
	out := make([]string, 0, len(items))
	for _, item := range items {
		s, _ := item.(string)
		out = append(out, s)
	}
	return out
}

// Named begins an error with the name of the attribute; nil stays nil.
func Named(attribute string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", attribute, err)
	}
	return nil
}

// The checks of single attributes. The spec runs them with the attribute's range
// at hand; the providers run them again for those who come without the spec.

// CheckDirectory checks the attribute directory.
func CheckDirectory(path string) error {
	if path == "" {
		return errors.New(`it is empty: write "." for the configuration's own directory`)
	}
	if strings.ContainsRune(path, 0) {
		return errors.New("it contains a NUL character")
	}
	return nil
}

// CheckExtension checks the attribute extension.
func CheckExtension(text string) error {
	if text == "" {
		return nil
	}
	if !strings.HasPrefix(text, ".") || len(text) == 1 || strings.ContainsAny(text, "/\\\x00") {
		return fmt.Errorf(`%q is not a file name's extension: write it with its dot, such as ".csv"`, text)
	}
	return nil
}

// CheckColumns checks the attribute columns; nil is not set.
func CheckColumns(names []string) error {
	if names == nil {
		return nil
	}
	if len(names) == 0 {
		return errors.New("it names no columns")
	}
	if len(names) > MaxColumns {
		return fmt.Errorf("it names %d columns; at most %d are read", len(names), MaxColumns)
	}
	seen := make(map[string]bool, len(names))
	for i, name := range names {
		if name == "" {
			return fmt.Errorf("the name of column %d is empty", i+1)
		}
		if seen[name] {
			return fmt.Errorf("the name %q stands twice", name)
		}
		seen[name] = true
	}
	return nil
}

// CheckDateFormat checks the attribute date_format.
func CheckDateFormat(format string) error { _, err := dateLayout(format); return err }

// CheckStampFormat checks the attribute timestamp_format.
func CheckStampFormat(format string) error { _, err := stampLayout(format); return err }

// Text is an attribute that is text, with a check of it.
func Text(name string, required bool, check func(string) error) hcldec.Spec {
	return &hcldec.ValidateSpec{
		Wrapped: &hcldec.AttrSpec{Name: name, Type: cty.String, Required: required},
		Func: func(v cty.Value) hcl.Diagnostics {
			return Diagnose(v, invalid(name), func(v any) error {
				s, _ := v.(string)
				return check(s)
			})
		},
	}
}

// Bool is an attribute that is true or false.
func Bool(name string) hcldec.Spec { return &hcldec.AttrSpec{Name: name, Type: cty.Bool} }

// Texts is an attribute that is a list of texts, with a check of it.
func Texts(name string, check func([]string) error) hcldec.Spec {
	return checked(name, cty.List(cty.String), func(v any) error { return check(List(providers.Attributes{"": v}, "")) })
}

// TypesSpec is the attribute types.
func TypesSpec() hcldec.Spec {
	return checked("types", cty.Map(cty.String), func(v any) error {
		types, _ := v.(map[string]any)
		for column, name := range types {
			s, _ := name.(string)
			if _, err := KindNamed(s); err != nil {
				return fmt.Errorf("column %q: %w", column, err)
			}
		}
		return nil
	})
}

func checked(name string, t cty.Type, check func(v any) error) hcldec.Spec {
	return &hcldec.ValidateSpec{
		Wrapped: &hcldec.AttrSpec{Name: name, Type: t},
		Func:    func(v cty.Value) hcl.Diagnostics { return Diagnose(v, invalid(name), check) },
	}
}

func invalid(name string) string { return "Invalid " + strings.ReplaceAll(name, "_", " ") }

// Together is a block's attributes, each with its own spec, and a check of those that depend on each
// other. It is not made where required, an attribute, is missing: hcldec says so.
func Together(spec hcldec.ObjectSpec, summary, required string, check func(providers.Attributes) error) hcldec.Spec {
	return &hcldec.ValidateSpec{
		Wrapped: spec,
		Func: func(v cty.Value) hcl.Diagnostics {
			return Diagnose(v, summary, func(v any) error {
				attributes, _ := v.(map[string]any)
				if attributes[required] == nil {
					return nil
				}
				return check(attributes)
			})
		},
	}
}

// Diagnose runs check on a value that is set and known. The range is left to
// hcldec, which fills in the attribute's.
func Diagnose(v cty.Value, summary string, check func(v any) error) hcl.Diagnostics {
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
	case t == cty.Number:
		n, _ := v.AsBigFloat().Int64()
		return n
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
