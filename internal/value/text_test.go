package value

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// drawDay draws a day from 5000 BC to 20000 AD, the odd places often.
func drawDay(t *rapid.T) time.Time {
	if rapid.Bool().Draw(t, "corner") {
		year := rapid.SampledFrom([]int{-4712, -43, -1, 0, 1, 4, 100, 999, 1582, 1899, 1900, 1969, 1970, 2000, 9999, 10000, 99999}).Draw(t, "year")
		return time.Date(year, time.Month(rapid.SampledFrom([]int{1, 2, 12}).Draw(t, "month")), rapid.SampledFrom([]int{1, 28, 29, 31}).Draw(t, "day"), 0, 0, 0, 0, time.UTC)
	}
	return time.Unix(rapid.Int64Range(-220_000_000_000, 570_000_000_000).Draw(t, "seconds"), 0).UTC()
}

func drawMoment(t *rapid.T) time.Time {
	nsec := rapid.OneOf(rapid.Just(int64(0)), rapid.SampledFrom([]int64{1, 100_000_000, 120_000, 999_999_999}), rapid.Int64Range(0, 999_999_999)).Draw(t, "nsec")
	return drawDay(t).Truncate(24 * time.Hour).Add(time.Duration(rapid.Int64Range(0, 86399).Draw(t, "clock"))*time.Second + time.Duration(nsec))
}

func TestCanonicalTextsReadBack(t *testing.T) {
	t.Parallel()
	kinds := map[string]struct {
		draw  func(t *rapid.T) Value
		parse func(string) (Value, error)
	}{
		"date": {
			func(t *rapid.T) Value { return OfDate(drawDay(t)) }, ParseDate,
		},
		"time": {
			func(t *rapid.T) Value {
				return OfTime(time.Duration(rapid.Int64Range(0, int64(24*time.Hour)).Draw(t, "clock")))
			}, ParseTime,
		},
		"timestamp": {
			func(t *rapid.T) Value { return OfDateTime(drawMoment(t)) }, ParseDateTime,
		},
		"instant": {
			func(t *rapid.T) Value { return OfInstant(drawMoment(t)) },
			func(s string) (Value, error) { return ParseInstant(s, nil) },
		},
		"decimal": {
			func(t *rapid.T) Value {
				v, err := ParseDecimal(rapid.StringMatching(`-?(0|[1-9][0-9]{0,37})(\.[0-9]{1,38})?`).Draw(t, "decimal"))
				if err != nil {
					t.Fatal(err)
				}
				return v
			}, ParseDecimal,
		},
		"float": {
			func(t *rapid.T) Value { return OfFloat(rapid.Float64().Draw(t, "float")) },
			func(s string) (Value, error) { return Type{Kind: Float}.Fit(OfText(s), nil) },
		},
		"int": {
			func(t *rapid.T) Value { return OfInt(rapid.Int64().Draw(t, "int")) },
			func(s string) (Value, error) { return Type{Kind: Int}.Fit(OfText(s), nil) },
		},
		"bool": {
			func(t *rapid.T) Value { return OfBool(rapid.Bool().Draw(t, "bool")) },
			func(s string) (Value, error) { return Type{Kind: Bool}.Fit(OfText(s), nil) },
		},
		"bytes": {
			func(t *rapid.T) Value { return OfBytes(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")) },
			func(s string) (Value, error) { return Type{Kind: Bytes}.Fit(OfText(s), nil) },
		},
		"text": {
			func(t *rapid.T) Value { return OfText(strings.ReplaceAll(rapid.String().Draw(t, "text"), "\x00", "")) },
			func(s string) (Value, error) { return Type{Kind: Text}.Fit(OfText(s), nil) },
		},
	}
	for name, kind := range kinds {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			v := kind.draw(t)
			text := v.Text()
			if appended := string(v.AppendText([]byte("x"))); appended != "x"+text {
				t.Fatalf("AppendText gives %q, Text %q", appended, text)
			}
			back, err := kind.parse(text)
			if err != nil {
				t.Fatalf("%q is not read back: %v", text, err)
			}
			if !back.Equal(v) {
				t.Fatalf("%q is read back as %q", text, back.Text())
			}
		}))
	}
}

func TestCanonicalText(t *testing.T) {
	t.Parallel()
	utc := func(y int, m time.Month, d, h, mi, s, ns int) time.Time {
		return time.Date(y, m, d, h, mi, s, ns, time.UTC)
	}
	for _, c := range []struct {
		v    Value
		want string
	}{
		{Value{}, ""},
		{OfBool(true), "true"},
		{OfBool(false), "false"},
		{OfInt(math.MinInt64), "-9223372036854775808"},
		{OfFloat(0.1), "0.1"},
		{OfFloat(1e21), "1e+21"},
		{OfFloat(1e15), "1e+15"},
		{OfFloat(123456789012345), "123456789012345"},
		{OfFloat(0.00001), "1e-05"},
		{OfFloat(math.NaN()), "NaN"},
		{OfFloat(math.Inf(1)), "Infinity"},
		{OfFloat(math.Inf(-1)), "-Infinity"},
		{OfText(""), ""},
		{OfBytes([]byte{0, 0xab}), `\x00ab`},
		{OfDate(utc(1969, 7, 20, 23, 0, 0, 0)), "1969-07-20"},
		{OfDate(utc(1899, 12, 31, 0, 0, 0, 0)), "1899-12-31"},
		{OfDate(utc(-43, 3, 15, 0, 0, 0, 0)), "0044-03-15 BC"},
		{OfDate(utc(0, 12, 31, 0, 0, 0, 0)), "0001-12-31 BC"},
		{OfDate(utc(1, 1, 1, 0, 0, 0, 0)), "0001-01-01"},
		{OfDate(utc(10000, 1, 1, 0, 0, 0, 0)), "10000-01-01"},
		{Infinite(Date, false), "infinity"},
		{Infinite(Instant, true), "-infinity"},
		{OfTime(0), "00:00:00"},
		{OfTime(24 * time.Hour), "24:00:00"},
		{OfTime(2*time.Hour + 30*time.Minute + 500*time.Millisecond), "02:30:00.5"},
		{OfDateTime(utc(1969, 7, 20, 20, 17, 40, 250_000_000)), "1969-07-20 20:17:40.25"},
		{OfDateTime(utc(1969, 12, 31, 23, 59, 59, 999_999_999)), "1969-12-31 23:59:59.999999999"},
		{OfDateTime(utc(-43, 3, 15, 12, 0, 0, 0)), "0044-03-15 12:00:00 BC"},
		{OfInstant(time.Date(2026, 7, 1, 8, 0, 0, 0, time.FixedZone("", 7200))), "2026-07-01 06:00:00Z"},
		{OfInstant(utc(-43, 3, 15, 12, 0, 0, 0)), "0044-03-15 12:00:00Z BC"},
	} {
		if got := c.v.Text(); got != c.want {
			t.Errorf("%s: %q, want %q", c.v.Kind(), got, c.want)
		}
	}
}

func TestDatesForgetTheZoneOfTheirTime(t *testing.T) {
	t.Parallel()
	late := time.Date(2026, 1, 31, 23, 30, 0, 0, time.FixedZone("", -5*3600))
	if got := OfDate(late).Text(); got != "2026-01-31" {
		t.Errorf("OfDate = %s", got)
	}
	if got := OfDateTime(late).Text(); got != "2026-01-31 23:30:00" {
		t.Errorf("OfDateTime = %s", got)
	}
	if got := OfInstant(late).Text(); got != "2026-02-01 04:30:00Z" {
		t.Errorf("OfInstant = %s", got)
	}
}

func TestTimeReturnsWhatWasGiven(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		moment := drawMoment(t)
		if got := OfInstant(moment).Time(); !got.Equal(moment) {
			t.Errorf("OfInstant(%s).Time() = %s", moment, got)
		}
		if got := OfDateTime(moment).Time(); !got.Equal(moment) {
			t.Errorf("OfDateTime(%s).Time() = %s", moment, got)
		}
		if got := OfDate(moment).Time(); !got.Equal(moment.Truncate(24 * time.Hour)) {
			t.Errorf("OfDate(%s).Time() = %s", moment, got)
		}
	})
}

func TestAccessorsOfOtherKindsAreZero(t *testing.T) {
	t.Parallel()
	for _, v := range []Value{{}, OfBool(true), OfInt(1), OfFloat(1), OfText("x"), OfBytes([]byte("x")), OfDate(time.Now()), OfTime(time.Hour), Infinite(Date, false)} {
		if v.Kind() != Bool && v.Bool() || v.Kind() != Int && v.Int() != 0 || v.Kind() != Float && v.Float() != 0 || v.Kind() != Time && v.Clock() != 0 {
			t.Errorf("%s answers for another kind", v.Kind())
		}
		if v.IsNull() != (v.Kind() == Null) {
			t.Errorf("IsNull of %s = %v", v.Kind(), v.IsNull())
		}
	}
	if !Infinite(Date, false).Time().IsZero() {
		t.Error("an infinite date has a time")
	}
}

func TestEqualIsExact(t *testing.T) {
	t.Parallel()
	a, _ := ParseDecimal("1.10")
	b, _ := ParseDecimal("1.1")
	if a.Equal(b) {
		t.Error("1.10 equals 1.1")
	}
	if OfInt(1).Equal(b) || OfText("").Equal(Value{}) || OfText("a").Equal(OfBytes([]byte("a"))) {
		t.Error("values of different kinds are equal")
	}
	if !(Value{}).Equal(Value{}) {
		t.Error("NULL differs from NULL")
	}
}

func TestKindsHaveNames(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for k := Null; k <= Other; k++ {
		if name := k.String(); name == "" || strings.HasPrefix(name, "Kind(") || seen[name] {
			t.Errorf("kind %d is called %q", k, name)
		} else {
			seen[name] = true
		}
	}
	if got := (Other + 1).String(); got != "Kind(14)" {
		t.Errorf("a kind that is none is called %s", got)
	}
}
