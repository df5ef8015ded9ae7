package value_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/registrar-sync/registrar/internal/value"
)

// kinds are all that a column may be of.
var kinds = []value.Kind{value.Bool, value.Int, value.Decimal, value.Float, value.Text, value.Bytes, value.Date, value.Time, value.DateTime, value.Instant, value.JSON, value.UUID, value.Other}

// oddTypes are columns' types with each bound that their kind has, and with those that it ignores.
func oddTypes() []value.Type {
	var all []value.Type
	for _, kind := range kinds {
		for _, digits := range []int{0, 15} {
			for _, yes := range []bool{false, true} {
				typ := value.Type{Kind: kind, Digits: digits, Unsigned: yes, Fixed: yes}
				switch kind {
				case value.Int:
					for _, typ.Size = range []int{0, 8, 16, 32, 64} {
						all = append(all, typ)
					}
				case value.Float:
					for _, typ.Size = range []int{0, 32, 64} {
						all = append(all, typ)
					}
				case value.Decimal:
					for _, bounds := range [][2]int{{0, 0}, {1, 0}, {4, 0}, {10, 0}, {4, 2}, {4, 4}, {38, 2}} {
						typ.Precision, typ.Scale = bounds[0], bounds[1]
						all = append(all, typ)
					}
				case value.Date, value.Time, value.DateTime, value.Instant:
					for _, typ.Fraction = range []int{0, 3, 6, 9} {
						all = append(all, typ)
					}
				default:
					for _, typ.Size = range []int{0, 4} {
						all = append(all, typ)
					}
				}
			}
		}
	}
	return all
}

// oddValues are values of each kind on both sides of the bounds of oddTypes.
func oddValues(t testing.TB) []value.Value {
	t.Helper()
	all := []value.Value{{}, value.OfBool(true), value.OfBool(false)}
	for _, n := range []int64{0, 1, -1, 7, 127, 128, -128, -129, 255, 256, 32767, 32768, -32768, -32769, 65535, 65536, 1<<31 - 1, 1 << 31, -1 << 31, -1<<31 - 1, 1<<32 - 1, 1 << 32, math.MaxInt64, math.MinInt64} {
		all = append(all, value.OfInt(n))
	}
	for _, text := range []string{
		"NaN", "Infinity", "-Infinity", "0", "0.0", "0.00", "0.0000", "-0.5", "-0.50", "0.05", "0.9999", "-0.9999", "1.00", "9.99", "-9.99", "99.99", "-99.99", "100.00", "-100.00", "9.999", "99.9",
		"5", "-5", "10", "9999", "-9999", "10000", "1234567890123456.5", "0.12345678901234567", strings.Repeat("9", 36) + ".99", strings.Repeat("9", 37) + ".99",
	} {
		d, err := value.ParseDecimal(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, d, value.OfText(text))
	}
	for _, f := range []float64{0, math.Copysign(0, -1), 0.5, -0.5, 0.1, float64(float32(0.1)), 16777216, 16777217, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat32, 1e300, 5e-324} {
		all = append(all, value.OfFloat(f))
	}
	for _, text := range []string{
		"", " ", "a", "a ", "  a", "abcd", "abc ", "abcde", "abcd ", "éééé", "ééééé", "🙂🙂🙂🙂", "e\u0301", "\x00", "a\x00", "a\x00b", "\x00\x00\x00\x00\x00", "\xff", "a\xff", "\xc3", "\xed\xa0\x80",
		"12", "007", "1e5", "true", "{}", "{", "6f1ed002-ab59-4e5c-b1b2-0d1f5b0a0000", "2026-02-28", "02:30",
	} {
		all = append(all, value.OfText(text), value.OfBytes([]byte(text)))
	}
	for _, ns := range []int{0, 1, 499, 500, 123_000, 500_000, 500_000_000, 123_000_000, 999_500_000, 999_999_999} {
		for _, second := range []int64{0, -1, 1_770_000_000, -70_000_000_000} {
			moment := time.Unix(second, int64(ns)).UTC()
			all = append(all, value.OfDate(moment), value.OfDateTime(moment), value.OfInstant(moment))
		}
		all = append(all, value.OfTime(time.Duration(ns)), value.OfTime(24*time.Hour-time.Second+time.Duration(ns)))
	}
	all = append(all, value.OfTime(24*time.Hour))
	for _, kind := range []value.Kind{value.Date, value.DateTime, value.Instant} {
		all = append(all, value.Infinite(kind, false), value.Infinite(kind, true))
	}
	return all
}

// someType draws a column's type, of narrow bounds for the most part.
func someType(t *rapid.T) value.Type {
	out := value.Type{
		Kind:     rapid.SampledFrom(kinds).Draw(t, "kind"),
		Unsigned: rapid.Bool().Draw(t, "unsigned"), Fixed: rapid.IntRange(0, 4).Draw(t, "fixed") == 0,
		Fraction: rapid.SampledFrom([]int{0, 3, 6, 9}).Draw(t, "fraction"),
		Size:     rapid.SampledFrom([]int{0, 4, 8}).Draw(t, "size"),
	}
	switch out.Kind {
	case value.Int:
		out.Size = rapid.SampledFrom([]int{0, 8, 16, 32, 64}).Draw(t, "bits")
	case value.Float:
		out.Size = rapid.SampledFrom([]int{0, 32, 64}).Draw(t, "bits")
	case value.Decimal:
		out.Precision = rapid.SampledFrom([]int{0, 1, 4, 38}).Draw(t, "precision")
		out.Scale = min(out.Precision, rapid.SampledFrom([]int{0, 1, 2, 38}).Draw(t, "scale"))
	}
	if rapid.IntRange(0, 5).Draw(t, "binary") == 0 {
		out.Digits = 15
	}
	return out
}

func someValue(t *rapid.T) value.Value {
	decimal := func() value.Value {
		text := rapid.OneOf(
			rapid.SampledFrom([]string{"NaN", "Infinity", "-Infinity", "0", "0.0", "0.00", "-0.5", "9.99", "-99.99", "100", "99.9", "1234567890123456.5"}),
			rapid.StringMatching(`-?[1-9][0-9]{0,3}(\.[0-9]{1,3})?`),
		).Draw(t, "decimal")
		v, err := value.ParseDecimal(text)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	moment := time.Unix(rapid.Int64Range(-70_000_000_000, 10_000_000_000).Draw(t, "seconds"), rapid.SampledFrom([]int64{0, 500_000_000, 999_999_999, 123_000, 1}).Draw(t, "ns")).UTC()
	switch rapid.IntRange(0, 10).Draw(t, "value") {
	case 0:
		return value.Value{}
	case 1:
		return value.OfBool(rapid.Bool().Draw(t, "bool"))
	case 2:
		return value.OfInt(rapid.OneOf(rapid.Int64Range(-40000, 70000), rapid.SampledFrom([]int64{math.MaxInt64, math.MinInt64, 127, 128, -128, -129, 255, 256, 65535, 1 << 31, -1 << 31})).Draw(t, "int"))
	case 3, 4:
		return decimal()
	case 5:
		return value.OfFloat(rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{0, math.Copysign(0, -1), 0.5, 0.1, math.NaN(), math.Inf(1), math.Inf(-1), 1e300})).Draw(t, "float"))
	case 6:
		return value.OfText(rapid.SampledFrom([]string{"", "a", "abcd", "abcde", "éééé", "ééééé", "a ", "\x00", "a\xff", "12", "007", "{}", "6f1ed002-ab59-4e5c-b1b2-0d1f5b0a0000"}).Draw(t, "text"))
	case 7:
		return value.OfBytes([]byte(strings.Repeat("\xff", rapid.IntRange(0, 9).Draw(t, "octets"))))
	case 8:
		return value.OfTime(time.Duration(rapid.Int64Range(0, 86_399_999_999_999).Draw(t, "clock")))
	case 9:
		return value.Infinite(rapid.SampledFrom([]value.Kind{value.Date, value.DateTime, value.Instant}).Draw(t, "infinite"), rapid.Bool().Draw(t, "negative"))
	default:
		return rapid.SampledFrom([]value.Value{value.OfDate(moment), value.OfDateTime(moment), value.OfInstant(moment)}).Draw(t, "moment")
	}
}

// TestHoldsAgreesWithFit: what Holds says fits is what Fit returns.
func TestHoldsAgreesWithFit(t *testing.T) {
	t.Parallel()
	held := map[value.Kind]int{}
	agree := func(t fatal, typ value.Type, v value.Value) {
		t.Helper()
		if !typ.Holds(&v) {
			return
		}
		if !v.IsNull() {
			held[typ.Kind]++
		}
		if got, err := typ.Fit(v, time.UTC); err != nil || !got.Equal(v) {
			t.Fatalf("%#v holds %s %q, Fit returns %s %q, %v", typ, v.Kind(), v.Text(), got.Kind(), got.Text(), err)
		}
	}
	for _, v := range oddValues(t) {
		for _, typ := range oddTypes() {
			agree(t, typ, v)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		for range 20 {
			agree(rt, someType(rt), someValue(rt))
		}
	})
	for _, kind := range kinds {
		if kind == value.JSON || kind == value.UUID {
			continue // they are looked into
		}
		if held[kind] == 0 {
			t.Errorf("no value of kind %s is ever held as it is", kind)
		}
	}
}

// fatal is a test, or a draw of one.
type fatal interface {
	Helper()
	Fatalf(format string, args ...any)
}

// TestHoldsTheCommonCase: a value that Fit returns is one that the column holds.
func TestHoldsTheCommonCase(t *testing.T) {
	t.Parallel()
	holds := func(t fatal, typ value.Type, v value.Value) {
		t.Helper()
		fitted, err := typ.Fit(v, time.UTC)
		if err != nil || typ.Digits > 0 || typ.Fixed || typ.Kind == value.JSON || typ.Kind == value.UUID {
			return
		}
		if fitted.Kind() == value.Float && math.IsNaN(fitted.Float()) {
			return
		}
		if !typ.Holds(&fitted) {
			t.Fatalf("%#v does not hold %s %q, which Fit made of %q", typ, fitted.Kind(), fitted.Text(), v.Text())
		}
	}
	for _, v := range oddValues(t) {
		for _, typ := range oddTypes() {
			holds(t, typ, v)
		}
	}
	rapid.Check(t, func(rt *rapid.T) { holds(rt, someType(rt), someValue(rt)) })
}

func TestOfDecimal(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		units int64
		scale int
		want  string
	}{
		{0, 0, "0"},
		{0, 2, "0.00"},
		{5, 1, "0.5"},
		{-5, 3, "-0.005"},
		{1250, 2, "12.50"},
		{-1250, 4, "-0.1250"},
		{12, 0, "12"},
		{math.MaxInt64, 19, "0.9223372036854775807"},
		{math.MinInt64, 1, "-922337203685477580.8"},
		{7, 70, "0." + strings.Repeat("0", 69) + "7"},
	} {
		got := value.OfDecimal(test.units, test.scale)
		want, err := value.ParseDecimal(test.want)
		if err != nil || !got.Equal(want) {
			t.Errorf("%d and %d: %q, not %q (%v)", test.units, test.scale, got.Text(), test.want, err)
		}
	}
}
