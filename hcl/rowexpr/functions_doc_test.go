package rowexpr

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/internal/value"
)

type documented struct{ name, expr, result string }

// documentedFunctions reads the tables of docs/functions.md.
func documentedFunctions(t *testing.T) []documented {
	t.Helper()
	page, err := os.ReadFile("../../docs/functions.md")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile("(?m)^\\| `([a-z0-9_]+)` \\|.*\\| `(.*) -> (.*)` \\|$")
	var out []documented
	for _, m := range line.FindAllStringSubmatch(string(page), -1) {
		out = append(out, documented{name: m[1], expr: m[2], result: m[3]})
	}
	return out
}

func parse(t testing.TB, source string) hclsyntax.Expression {
	t.Helper()
	expr, diags := hclsyntax.ParseExpression([]byte(source), "test.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatalf("%s: %s", source, diags)
	}
	return expr
}

func evaluate(t testing.TB, source string) cty.Value {
	t.Helper()
	v, diags := parse(t, source).Value(&hcl.EvalContext{Functions: Functions()})
	if diags.HasErrors() {
		t.Fatalf("%s: %s", source, diags)
	}
	return v
}

func TestDocumentationListsEveryFunctionWithATrueExample(t *testing.T) {
	t.Parallel()
	missing := Functions()
	for _, d := range documentedFunctions(t) {
		if _, ok := missing[d.name]; !ok {
			t.Errorf("%s is documented twice, or does not exist", d.name)
		}
		delete(missing, d.name)
		if !strings.Contains(d.expr, d.name+"(") {
			t.Errorf("%s: the example %s does not call it", d.name, d.expr)
		}
		got, want := evaluate(t, d.expr), evaluate(t, d.result)
		if !sameCty(got, want) {
			t.Errorf("%s = %#v, documented %s", d.expr, got, d.result)
		}
	}
	for name := range missing {
		t.Errorf("%s is not documented", name)
	}
}

// sameCty compares values; a list equals a tuple, and a map an object, of equal elements.
func sameCty(a, b cty.Value) bool {
	if a.IsNull() || b.IsNull() {
		return a.IsNull() && b.IsNull()
	}
	if a.CanIterateElements() && b.CanIterateElements() {
		if a.Type().IsSetType() != b.Type().IsSetType() || a.LengthInt() != b.LengthInt() {
			return false
		}
		for ia, ib := a.ElementIterator(), b.ElementIterator(); ia.Next() && ib.Next(); {
			ka, va := ia.Element()
			kb, vb := ib.Element()
			if !a.Type().IsSetType() && !ka.RawEquals(kb) || !sameCty(va, vb) {
				return false
			}
		}
		return true
	}
	return a.Type().Equals(b.Type()) && a.Equals(b).True()
}

// The same examples, each literal in them replaced by a column: what rows compute
// must be what HCL computes.
func TestDocumentedExamplesHoldInRows(t *testing.T) {
	t.Parallel()
	for _, d := range documentedFunctions(t) {
		source, row := lift(t, d.expr)
		want := evaluate(t, d.result)
		if !want.IsNull() && !want.Type().IsPrimitiveType() && !want.Type().IsCapsuleType() {
			// Only single values come out of a row: compare their JSON.
			source = "jsonencode(" + source + ")"
			want = evaluate(t, "jsonencode("+d.result+")")
		}
		got, err := run(t, source, row)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if !sameCty(ToCty(got), want) {
			t.Errorf("%s = %s, want %#v", source, got.Text(), want)
		}
	}
}

// lift replaces the literals of an expression, but for object keys and indexes, by
// references to columns that hold them.
func lift(t *testing.T, source string) (string, testRow) {
	t.Helper()
	type span struct {
		from, to int
		v        cty.Value
	}
	var spans []span
	literal := func(e hclsyntax.Expression) {
		v, diags := e.Value(nil)
		if !diags.HasErrors() && (v.IsNull() || v.Type().IsPrimitiveType()) {
			spans = append(spans, span{e.Range().Start.Byte, e.Range().End.Byte, v})
		}
	}
	_ = hclsyntax.VisitAll(parse(t, source), func(n hclsyntax.Node) hcl.Diagnostics {
		switch n := n.(type) {
		case *hclsyntax.FunctionCallExpr:
			for _, arg := range n.Args {
				literal(arg)
			}
		case *hclsyntax.TupleConsExpr:
			for _, e := range n.Exprs {
				literal(e)
			}
		case *hclsyntax.ObjectConsExpr:
			for _, item := range n.Items {
				literal(item.ValueExpr)
			}
		}
		return nil
	})
	row := testRow{}
	// From the last to the first, so that offsets stay true.
	for len(spans) > 0 {
		last := 0
		for i := range spans {
			if spans[i].from > spans[last].from {
				last = i
			}
		}
		s := spans[last]
		spans = append(spans[:last], spans[last+1:]...)
		v, err := FromCty(s.v)
		if err != nil {
			t.Fatal(err)
		}
		name := "c" + string(rune('a'+len(row)))
		row[name] = v
		source = source[:s.from] + "row." + name + source[s.to:]
	}
	return source, row
}

// testRow is a source row by column name.
type testRow map[string]value.Value

// run compiles an expression and evaluates it on a row.
func run(t testing.TB, source string, row testRow) (value.Value, error) {
	t.Helper()
	compiled, diags := Compile(parse(t, source), nil)
	if diags.HasErrors() {
		t.Fatalf("%s: %s", source, diags)
	}
	index, values := make([]int, len(compiled.Refs)), []value.Value{}
	for i, ref := range compiled.Refs {
		index[i] = len(values)
		values = append(values, row.find(ref.Name, ref.Exact))
	}
	return compiled.Bind(index)(values)
}

func (r testRow) find(name string, exact bool) value.Value {
	for column, v := range r {
		if column == name || !exact && strings.EqualFold(column, name) {
			return v
		}
	}
	return value.Value{}
}
