package value_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/registrar-sync/registrar/internal/value"
)

// someType draws a column's type, of narrow bounds for the most part.
func someType(t *rapid.T) value.Type {
	out := value.Type{
		Kind:     rapid.SampledFrom([]value.Kind{value.Bool, value.Int, value.Decimal, value.Float, value.Text, value.Bytes, value.Date, value.Time, value.DateTime, value.Instant, value.JSON, value.UUID, value.Other}).Draw(t, "kind"),
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
	rapid.Check(t, func(rt *rapid.T) {
		for range 20 {
			typ, v := someType(rt), someValue(rt)
			if !typ.Holds(&v) {
				continue
			}
			if !v.IsNull() {
				held[typ.Kind]++
			}
			if got, err := typ.Fit(v, time.UTC); err != nil || !got.Equal(v) {
				rt.Fatalf("%#v holds %s %q, Fit returns %s %q, %v", typ, v.Kind(), v.Text(), got.Kind(), got.Text(), err)
			}
		}
	})
	for _, kind := range []value.Kind{value.Bool, value.Int, value.Decimal, value.Float, value.Text, value.Bytes, value.Date, value.Time, value.DateTime, value.Instant, value.Other} {
		if held[kind] == 0 {
			t.Errorf("no value of kind %s is ever held as it is", kind)
		}
	}
}

// TestHoldsTheCommonCase: a value that Fit returns is one that the column holds.
func TestHoldsTheCommonCase(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		typ, v := someType(rt), someValue(rt)
		fitted, err := typ.Fit(v, time.UTC)
		if err != nil || typ.Digits > 0 || typ.Fixed || typ.Kind == value.JSON || typ.Kind == value.UUID {
			return
		}
		if fitted.Kind() == value.Float && math.IsNaN(fitted.Float()) {
			return
		}
		if !typ.Holds(&fitted) {
			rt.Fatalf("%#v does not hold %s %q, which Fit made of %q", typ, fitted.Kind(), fitted.Text(), v.Text())
		}
	})
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
