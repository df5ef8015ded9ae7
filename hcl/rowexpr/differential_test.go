package rowexpr

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"pgregory.net/rapid"

	"github.com/registrar-sync/registrar/internal/value"
)

var texts = []string{
	"", " ", "abc", " Ab\tc ", "ÉCOLE", "e\u0301te\u0301", "\u0301x", "ŒUVRE", "ß", "a,b,,c", "x-y", "5", "1.50", "-0", "+7", ".5", "5.", "1e3",
	"0x10", "1p3", "1_000", " 5", "Inf", "-inf", "Infinity", "NaN", "true", "false", "1", "0", "True", "a\r\nb", "\n", "👩‍👩‍👧x",
	"2026-01-31", "2026-02-30", "31/12/2026", "2026-01-31T10:00:00Z", "08:30", "ff", "zz", "{\"a\":1}", "[1,2]", "w6k=", "%", "$", "$1", "(", "12345678901234567890123",
	"99999999999999999999.5", "0.1", "1.10", "Null", "null", "\u00a01 234", "Å", "\u212b", "İ", "ǅ",
}

func row(t *rapid.T) testRow {
	pick := func(name string, some func() value.Value) value.Value {
		if rapid.IntRange(0, 5).Draw(t, name+" null") == 0 {
			return value.Value{}
		}
		return some()
	}
	text := func() value.Value { return value.OfText(rapid.SampledFrom(texts).Draw(t, "text")) }
	moment := func() time.Time {
		return time.Unix(rapid.Int64Range(-70_000_000_000, 10_000_000_000).Draw(t, "seconds"), rapid.SampledFrom([]int64{0, 500_000_000, 1}).Draw(t, "ns")).UTC()
	}
	return testRow{
		"t": pick("t", text),
		"u": pick("u", text),
		"n": pick("n", func() value.Value {
			return value.OfInt(rapid.OneOf(rapid.Int64Range(-12, 12), rapid.SampledFrom([]int64{math.MaxInt64, math.MinInt64, 1 << 32}), rapid.Int64()).Draw(t, "n"))
		}),
		"d": pick("d", func() value.Value {
			text := rapid.SampledFrom([]string{"1.10", "0.10", "-2.50", "3", "3.00", "0.00", "0.3", "12345678901234567890.123456789", "99999999999999999999999999999999999999", "-0.000001", "NaN", "Infinity"}).Draw(t, "d")
			v, err := value.ParseDecimal(text)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}),
		"f": pick("f", func() value.Value {
			return value.OfFloat(rapid.SampledFrom([]float64{0.1, 0.2, -1.5, 1e21, 1e-7, 0, math.Copysign(0, -1), math.NaN(), math.Inf(1), 3, 123456.789}).Draw(t, "f"))
		}),
		"b":   pick("b", func() value.Value { return value.OfBool(rapid.Bool().Draw(t, "b")) }),
		"day": pick("day", func() value.Value { return value.OfDate(moment()) }),
		"at":  pick("at", func() value.Value { return value.OfDateTime(moment()) }),
		"ts":  pick("ts", func() value.Value { return value.OfInstant(moment()) }),
		"tm": pick("tm", func() value.Value {
			return value.OfTime(time.Duration(rapid.Int64Range(0, 86399).Draw(t, "tm")) * time.Second)
		}),
		"blob": pick("blob", func() value.Value { return value.OfBytes([]byte{1, 0xff}) }),
		"nul":  {},
	}
}

// generator writes random expressions, mostly well typed.
type generator struct{ t *rapid.T }

func (g generator) pick(options ...string) string {
	return rapid.SampledFrom(options).Draw(g.t, "pick")
}

func (g generator) chance(percent int) bool {
	return rapid.IntRange(1, 100).Draw(g.t, "chance") <= percent
}

func (g generator) quoted() string {
	return string(hclTokens(rapid.SampledFrom(texts).Draw(g.t, "literal")))
}

func hclTokens(s string) []byte {
	s = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "${", "$${", "%{", "%%{").Replace(s)
	return []byte(`"` + s + `"`)
}

func (g generator) any(depth int) string {
	switch rapid.IntRange(0, 6).Draw(g.t, "any") {
	case 0, 1:
		return g.text(depth)
	case 2, 3:
		return g.number(depth)
	case 4:
		return g.bool(depth)
	case 5:
		return g.moment(depth)
	default:
		return g.pick("row.blob", "row.nul", "null", "row.t", "row.N")
	}
}

func (g generator) text(depth int) string {
	if g.chance(6) {
		return g.any(depth)
	}
	if depth <= 0 {
		return g.pick("row.t", "row.u", "row.T", g.quoted(), "row.t")
	}
	d := depth - 1
	switch rapid.IntRange(0, 24).Draw(g.t, "text") {
	case 0:
		return fmt.Sprintf("%s(%s)", g.pick("upper", "lower", "title", "trim", "trimspace", "chomp", "strrev", "nfc", "unaccent", "tostring", "to_text", "md5", "base64encode", "base64decode"), g.text(d))
	case 1:
		return fmt.Sprintf("%s(%s, %s)", g.pick("trim", "trimprefix", "trimsuffix", "concat"), g.text(d), g.text(d))
	case 2:
		return fmt.Sprintf("substr(%s, %s, %s)", g.text(d), g.number(d), g.number(d))
	case 3, 4, 5:
		return fmt.Sprintf(`"%s${%s}-${%s}"`, g.pick("", "a", "é"), g.any(d), g.text(d))
	case 6:
		return fmt.Sprintf(`"%%{ if %s }yes ${%s}%%{ else }no%%{ endif }"`, g.bool(d), g.text(d))
	case 7, 8:
		return g.conditional(d, g.text)
	case 9:
		return fmt.Sprintf("coalesce(%s, %s)", g.text(d), g.any(d))
	case 10:
		return fmt.Sprintf("nullif(%s, %s)", g.text(d), g.any(d))
	case 11:
		return fmt.Sprintf("replace(%s, %s, %s)", g.text(d), g.pick(`"a"`, `"/[a-c]+/"`, `"/(b)/"`, "row.u"), g.text(d))
	case 12:
		return fmt.Sprintf("regexreplace(%s, %s, %s)", g.text(d), g.pick(`"[a-z]+"`, "row.u", `"^"`), g.text(d))
	case 13:
		return fmt.Sprintf("%s(%s, %s%s)", g.pick("lpad", "rpad"), g.text(d), g.number(d), g.pick("", `, "é"`, ", row.u"))
	case 14:
		return fmt.Sprintf("join(%s, [%s, %s])", g.text(d), g.any(d), g.text(d))
	case 15:
		return fmt.Sprintf("try(%s, %s)", g.text(d), g.any(d))
	case 16:
		return fmt.Sprintf(`{ a = "x", "5" = 1, abc = null, true = "t", "1.10" = "price" }[%s]`, g.any(d))
	case 17:
		return fmt.Sprintf("split(%s, %s)[%s]", g.pick(`","`, "row.u"), g.text(d), g.pick("0", "1", "row.n"))
	case 18:
		return fmt.Sprintf("formatdate(%s, %s)", g.pick(`"DD/MM/YYYY"`, `"hh:mm:ss.fff"`, `"EEE D MMM YY HH aa Z"`, "row.t"), g.moment(d))
	case 19:
		return fmt.Sprintf("format(%s, %s, %s)", g.pick(`"%s-%s"`, `"%v %d"`, `"%05.1f%%%q"`, "row.t"), g.any(d), g.any(d))
	case 20:
		return fmt.Sprintf("regex(%s, %s)%s", g.pick(`"[a-z]+"`, `"(.)(.)"`, "row.u"), g.text(d), g.pick("", "[0]", "[1]"))
	case 21:
		return fmt.Sprintf("jsonencode([%s, { a = %s }])", g.any(d), g.any(d))
	case 22:
		return fmt.Sprintf("element([%s, %s], %s)", g.any(d), g.text(d), g.number(d))
	case 23:
		return "(" + g.text(d) + ")"
	default:
		return fmt.Sprintf(`"${%s}"`, g.any(d))
	}
}

func (g generator) conditional(depth int, of func(int) string) string {
	other := of
	if g.chance(25) {
		other = g.any
	}
	return fmt.Sprintf("(%s ? %s : %s)", g.bool(depth), of(depth), other(depth))
}

func (g generator) number(depth int) string {
	if g.chance(8) {
		return g.any(depth)
	}
	if depth <= 0 {
		return g.pick("row.n", "row.d", "row.f", "0", "1", "2", "3", "-1", "0.1", "1.10", "10", `"5"`, "12345678901234567890", "row.n", "row.d")
	}
	d := depth - 1
	switch rapid.IntRange(0, 12).Draw(g.t, "number") {
	case 0, 1, 2, 3:
		return fmt.Sprintf("(%s %s %s)", g.number(d), g.pick("+", "-", "*", "/", "%"), g.number(d))
	case 4:
		return "-" + g.number(d)
	case 5:
		return fmt.Sprintf("%s(%s)", g.pick("abs", "ceil", "floor", "signum", "round", "tonumber"), g.number(d))
	case 6:
		return fmt.Sprintf("%s(%s, %s)", g.pick("min", "max", "round"), g.number(d), g.number(d))
	case 7:
		return fmt.Sprintf("%s(%s)", g.pick("strlen", "length"), g.text(d))
	case 8:
		return g.conditional(d, g.number)
	case 9:
		return fmt.Sprintf("coalesce(%s, %s)", g.number(d), g.number(d))
	case 10:
		return fmt.Sprintf("%s(%s)", g.pick("year", "month", "day"), g.moment(d))
	case 11:
		return fmt.Sprintf("parseint(%s, %s)", g.text(d), g.pick("10", "16", "row.n"))
	default:
		return fmt.Sprintf("[10, 20.5, null][%s]", g.number(d))
	}
}

func (g generator) bool(depth int) string {
	if g.chance(8) {
		return g.any(depth)
	}
	if depth <= 0 {
		return g.pick("row.b", "true", "false", "row.b", "row.t == null", `"true"`, "row.nul")
	}
	d := depth - 1
	switch rapid.IntRange(0, 10).Draw(g.t, "bool") {
	case 0, 1:
		return fmt.Sprintf("(%s %s %s)", g.number(d), g.pick("<", "<=", ">", ">=", "==", "!="), g.number(d))
	case 2:
		return fmt.Sprintf("(%s %s %s)", g.text(d), g.pick("==", "!="), g.text(d))
	case 3:
		return fmt.Sprintf("(%s %s %s)", g.moment(d), g.pick("<", "<=", ">", ">=", "==", "!="), g.moment(d))
	case 4, 5:
		return fmt.Sprintf("(%s %s %s)", g.bool(d), g.pick("&&", "||"), g.bool(d))
	case 6:
		return "!" + g.bool(d)
	case 7:
		return fmt.Sprintf("(%s %s null)", g.any(d), g.pick("==", "!="))
	case 8:
		return fmt.Sprintf("contains(%s, %s)", g.pick(`["abc", "5", 5, true, "été"]`, `[1.1, 2]`, `["abc"]`, "[row.t, row.u, row.n]"), g.any(d))
	case 9:
		return fmt.Sprintf("can(%s)", g.any(d))
	default:
		return fmt.Sprintf("%s(%s, %s)", g.pick("startswith", "endswith", "strcontains"), g.text(d), g.text(d))
	}
}

func (g generator) moment(depth int) string {
	if g.chance(6) {
		return g.any(depth)
	}
	if depth <= 0 {
		return g.pick("row.day", "row.at", "row.ts", "row.tm", "row.day", `date("2026-01-31")`, `datetime("2026-01-31 10:00:00")`)
	}
	d := depth - 1
	switch rapid.IntRange(0, 6).Draw(g.t, "moment") {
	case 0:
		return fmt.Sprintf("date(%s)", g.pick(g.text(d), g.moment(d)))
	case 1:
		return fmt.Sprintf("%s(%s)", g.pick("datetime", "time"), g.moment(d))
	case 2:
		return fmt.Sprintf(`to_date(%s, %s)`, g.text(d), g.pick(`"DD/MM/YYYY"`, `"YYYY-MM-DD"`, "row.u"))
	case 3:
		return fmt.Sprintf("add_days(%s, %s)", g.moment(d), g.number(d))
	case 4:
		return fmt.Sprintf(`in_zone(%s, "Europe/Paris")`, g.moment(d))
	case 5:
		return g.conditional(d, g.moment)
	default:
		return fmt.Sprintf(`to_timestamp(%s, "YYYY-MM-DD'T'hh:mm:ssZ")`, g.text(d))
	}
}

// outcome of one comparison.
type outcome int

const (
	agreed outcome = iota
	bothFailed
	refused      // does not compile
	undetermined // see errUndetermined
)

// compareWithHCL fails the test if a row expression and HCL's evaluator disagree.
func compareWithHCL(t interface {
	Helper()
	Fatalf(string, ...any)
}, source string, expr hclsyntax.Expression, row testRow,
) outcome {
	t.Helper()
	compiled, diags := Compile(expr, nil)
	if diags.HasErrors() {
		return refused
	}
	index, values := make([]int, len(compiled.Refs)), make([]value.Value, len(compiled.Refs))
	for i, ref := range compiled.Refs {
		index[i] = i
		values[i] = row.find(ref.Name, ref.Exact)
	}
	got, errGot := compiled.Bind(index)(values)
	want, errWant := newOracle(row).eval(expr)
	describe := func() string {
		return fmt.Sprintf("%s\nrow: %s\ngot: %s %s, %v\nHCL: %#v %q, %v", source, describeRow(row), got.Kind(), got.Text(), errGot, want.v, want.text, errWant)
	}
	switch {
	case errors.Is(errWant, errUndetermined):
		return undetermined
	case (errGot != nil) != (errWant != nil):
		// A collection is an error of its own: a column takes a single value.
		if errGot != nil && errWant == nil && !want.v.IsNull() && !isSingle(want.v) {
			return bothFailed
		}
		t.Fatalf("one failed, the other not: %s", describe())
	case errGot != nil:
		return bothFailed
	case !sameResult(got, want, compiled.Plain):
		t.Fatalf("different results: %s", describe())
	}
	return agreed
}

func sameResult(got value.Value, want result, plain bool) bool {
	if got.IsNull() || want.v.IsNull() {
		return got.IsNull() && want.v.IsNull()
	}
	if isNumeric(got.Kind()) && want.v.Type() == cty.Number {
		if want.text != "" {
			return got.Text() == want.text
		}
		return nearly(got, want.v)
	}
	if got.Kind() == value.Text && want.v.Type() == cty.String {
		return got.Str() == want.v.AsString() || plain && cty.StringVal(got.Str()).RawEquals(want.v) || sameButDigits(got.Str(), want.v.AsString())
	}
	return ToCty(got).RawEquals(want.v)
}

// nearly compares numbers to 50 significant digits: quotients are rounded to 60 by
// rows, and to 512 bits by HCL.
func nearly(got value.Value, want cty.Value) bool {
	n, ok := asNumber(got)
	if !ok {
		return false
	}
	a, _ := new(big.Rat).SetString(n.Text())
	b, _ := new(big.Rat).SetString(want.AsBigFloat().Text('f', -1))
	difference := new(big.Rat).Sub(a, b)
	bound := new(big.Rat).Mul(b, new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Exp(big.NewInt(10), big.NewInt(50), nil)))
	return difference.Abs(difference).Cmp(bound.Abs(bound)) <= 0
}

// sameButDigits accepts texts that differ behind the 50th digit of a quotient only.
func sameButDigits(a, b string) bool {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	start := i
	for start > 0 && (a[start-1] >= '0' && a[start-1] <= '9' || a[start-1] == '.') {
		start--
	}
	return i-start > 50
}

func describeRow(row testRow) string {
	var out []string
	for name, v := range row {
		out = append(out, fmt.Sprintf("%s=%s %q", name, v.Kind(), v.Text()))
	}
	return strings.Join(out, " ")
}

func TestRowsAgreeWithHCL(t *testing.T) {
	t.Parallel()
	counts := map[outcome]int{}
	rapid.Check(t, func(t *rapid.T) {
		source := generator{t}.any(rapid.IntRange(0, 4).Draw(t, "depth"))
		expr, diags := hclsyntax.ParseExpression([]byte(source), "test.hcl", hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatalf("the generator wrote %s: %s", source, diags)
		}
		for range 5 {
			counts[compareWithHCL(t, source, expr, row(t))]++
		}
	})
	total := 0
	for _, n := range counts {
		total += n
	}
	t.Logf("agreed %d, both failed %d, refused %d, undetermined %d", counts[agreed], counts[bothFailed], counts[refused], counts[undetermined])
	if counts[agreed]*4 < total || counts[undetermined]*10 > total {
		t.Errorf("too few comparisons mean anything: %v", counts)
	}
}

func FuzzCompile(f *testing.F) {
	for _, seed := range []string{
		`row.t`, `row["t"]`, `"${row.t}-${row.n}"`, `row.n + 1`, `row.b ? row.t : row.u`, `{ a = 1 }[row.t]`, `try(row.x, null)`,
		`[for x in row : x]`, `row[*]`, `row.t.*.x`, `join("-", [row.t])`, `upper(row.t...)`, `coalesce([row.t, null]...)`, `row`, `jsondecode(row.t).a.b`,
		`[row.t][0]`, `{ a = row.t }.a`, `split(",", row.t)[*]`, `"%{ for x in [row.t] }${x}%{ endfor }"`, `!row.b && row.b || row.nul == null`,
	} {
		f.Add(seed)
	}
	sample := testRow{
		"t": value.OfText("a,b"), "u": value.OfText("5"), "n": value.OfInt(3), "b": value.OfBool(true), "nul": {},
		"day": value.OfDate(time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)), "f": value.OfFloat(0.1),
	}
	f.Fuzz(func(t *testing.T, source string) {
		// HCL itself writes out all digits of a number such as 1e999999999.
		if strings.ContainsAny(source, "eEpP") && strings.ContainsAny(source, "0123456789") && len(source) > 400 {
			return
		}
		expr, diags := hclsyntax.ParseExpression([]byte(source), "test.hcl", hcl.InitialPos)
		if diags.HasErrors() || hugeNumber(expr) {
			return
		}
		compiled, diags := Compile(expr, nil)
		if diags.HasErrors() {
			return
		}
		for _, ref := range compiled.Refs {
			if ref.Exact {
				return // the oracle knows attributes only
			}
		}
		compareWithHCL(t, source, expr, sample)
	})
}

func hugeNumber(expr hclsyntax.Expression) bool {
	huge := false
	_ = hclsyntax.VisitAll(expr, func(n hclsyntax.Node) hcl.Diagnostics {
		if l, ok := n.(*hclsyntax.LiteralValueExpr); ok && l.Val.Type() == cty.Number && !l.Val.IsNull() {
			if exponent := l.Val.AsBigFloat().MantExp(nil); exponent > 3000 || exponent < -3000 {
				huge = true
			}
		}
		return nil
	})
	return huge
}
