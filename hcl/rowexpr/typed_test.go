package rowexpr

import (
	"testing"

	"github.com/hashicorp/hcl/v2"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/value"
)

// What is asked of a type yields values of that type alone, or is refused where it
// never can.
func TestTyped(t *testing.T) {
	t.Parallel()
	kinds := map[string]func(hcl.Expression, *hcl.EvalContext) (config.Expr, hcl.Diagnostics){
		"condition": CompileCondition, "text": CompileText,
	}
	const refused, fails = "refused", "fails"
	row := []value.Value{value.OfText("true"), value.OfInt(7), {}, value.OfText("x"), value.OfBytes([]byte{1})}
	columns := map[string]int{"yes": 0, "n": 1, "nul": 2, "x": 3, "blob": 4}
	for _, c := range []struct{ source, condition, text string }{
		{`row.yes`, "bool: true", "text: true"},
		{`row.yes == "true"`, "bool: true", "text: true"},
		{`row.nul`, "bool: false", "null: "},
		{`row.nul == 1`, "bool: false", "null: "},
		{`row.n`, fails, "text: 7"},
		{`row.n + 1`, refused, "text: 8"},
		{`row.x`, fails, "text: x"},
		{`row.blob`, fails, fails},
		{`"${row.x}!"`, fails, "text: x!"},
		{`date("2026-01-31")`, refused, "text: 2026-01-31"},
		{`true`, "bool: true", "text: true"},
		{`"maybe"`, refused, "text: maybe"},
		{`null`, "bool: false", "null: "},
		{`[row.x]`, refused, refused},
	} {
		for kind, want := range map[string]string{"condition": c.condition, "text": c.text} {
			expr, diags := kinds[kind](parse(t, c.source), nil)
			if diags.HasErrors() {
				if want != refused {
					t.Errorf("%s %s: %v, want %s", kind, c.source, diags, want)
				}
				continue
			}
			index := make([]int, len(expr.Refs))
			for i, ref := range expr.Refs {
				index[i] = columns[ref.Name]
			}
			v, err := expr.Bind(index)(row)
			got := v.Kind().String() + ": " + v.Text()
			if err != nil {
				got = fails
			}
			if got != want {
				t.Errorf("%s %s is %q, want %q", kind, c.source, got, want)
			}
		}
	}
}
