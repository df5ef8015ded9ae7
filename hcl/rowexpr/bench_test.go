package rowexpr

import (
	"testing"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/value"
)

// bind compiles expressions for a row whose columns are in the order in which the
// expressions first name them.
func bind(b testing.TB, sources ...string) []config.Eval {
	b.Helper()
	columns := map[string]int{"code": 0, "name": 1, "price": 2, "day": 3, "status": 4}
	evals := make([]config.Eval, len(sources))
	for i, source := range sources {
		compiled, diags := Compile(parse(b, source), nil)
		if diags.HasErrors() {
			b.Fatal(diags)
		}
		index := make([]int, len(compiled.Refs))
		for j, ref := range compiled.Refs {
			index[j] = columns[ref.Name]
		}
		evals[i] = compiled.Bind(index)
	}
	return evals
}

func benchmarkRow() []value.Value {
	return []value.Value{value.OfText("UFR-12-004"), value.OfText("  Salle des Fêtes "), decimal("12.50"), date("2026-09-01"), value.OfText("A")}
}

// BenchmarkMapping evaluates a mapping of five expressions, one row per operation.
func BenchmarkMapping(b *testing.B) {
	evals := bind(b,
		`row.code`,
		`upper(trim(row.name))`,
		`"${row.code} (${row.day})"`,
		`{ A = "active", L = "on leave" }[row.status]`,
		`row.price == null ? 0 : row.price`,
	)
	row := benchmarkRow()
	b.ReportAllocs()
	for b.Loop() {
		for _, eval := range evals {
			if _, err := eval(row); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkExpressions(b *testing.B) {
	for _, source := range []string{
		`row.code`, `upper(trim(row.name))`, `"${row.code} (${row.day})"`, `row.price * 1.2 + 1`, `row.status == "A" ? 1 : 0`, `contains(["A", "B"], row.status)`,
		`replace(row.code, "/-[0-9]+$/", "")`, `split("-", row.code)[1]`, `format("%s/%s", row.code, row.status)`, `formatdate("DD/MM/YYYY", row.day)`,
	} {
		b.Run(source, func(b *testing.B) {
			eval, row := bind(b, source)[0], benchmarkRow()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := eval(row); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestHotExpressionsAllocateLittle(t *testing.T) {
	row := benchmarkRow()
	for source, limit := range map[string]float64{
		`row.code`: 0, `row.status == "A"`: 0, `row.price == null ? 0 : row.price`: 0, `{ A = "x" }[row.status]`: 0, `contains(["A"], row.status)`: 0,
		`trim(row.code)`: 0, `upper(trim(row.name))`: 1, `"${row.code} (${row.status})"`: 1,
		`row.price * 1.25 + 1`: 2, `row.price > 12.4`: 0, `round(row.price, 1) == 12.5`: 1, `formatdate("DD/MM/YYYY", row.day)`: 1,
	} {
		eval := bind(t, source)[0]
		if got := testing.AllocsPerRun(100, func() { _, _ = eval(row) }); got > limit {
			t.Errorf("%s allocates %v times a row, at most %v expected", source, got, limit)
		}
	}
}
