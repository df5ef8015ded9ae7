package value

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func decimal(text string) Value {
	v, err := ParseDecimal(text)
	if err != nil {
		panic(err)
	}
	return v
}

func stamp(text string) Value {
	v, err := ParseDateTime(text)
	if err != nil {
		panic(err)
	}
	return v
}

func instant(text string) Value {
	v, err := ParseInstant(text, nil)
	if err != nil {
		panic(err)
	}
	return v
}

func day(text string) Value {
	v, err := ParseDate(text)
	if err != nil {
		panic(err)
	}
	return v
}

func TestFit(t *testing.T) {
	t.Parallel()
	paris := zone(t, "Europe/Paris")
	nines := strings.Repeat("9", 38)
	numeric := func(precision, scale int) Type { return Type{Kind: Decimal, Precision: precision, Scale: scale} }
	integer := func(bits int) Type { return Type{Kind: Int, Size: bits} }
	unsigned := func(bits int) Type { return Type{Kind: Int, Size: bits, Unsigned: true} }
	varchar := func(n int) Type { return Type{Kind: Text, Size: n} }
	const refused = "\x00"
	for _, c := range []struct {
		name string
		t    Type
		v    Value
		want string // refused, or "kind text"
	}{
		{"bool", Type{Kind: Bool}, OfBool(true), "bool true"},
		{"bool from 1", Type{Kind: Bool}, OfInt(1), "bool true"},
		{"bool from 0", Type{Kind: Bool}, decimal("0"), "bool false"},
		{"bool from t", Type{Kind: Bool}, OfText("t"), "bool true"},
		{"bool from 2", Type{Kind: Bool}, OfInt(2), refused},
		{"bool from yes", Type{Kind: Bool}, OfText("yes"), refused},
		{"bool from a date", Type{Kind: Bool}, day("2026-01-01"), refused},

		{"smallint top", integer(16), OfInt(32767), "integer 32767"},
		{"smallint above", integer(16), OfInt(32768), refused},
		{"smallint bottom", integer(16), OfInt(-32768), "integer -32768"},
		{"smallint below", integer(16), OfInt(-32769), refused},
		{"tinyint unsigned top", unsigned(8), OfInt(255), "integer 255"},
		{"tinyint unsigned above", unsigned(8), OfInt(256), refused},
		{"tinyint unsigned below", unsigned(8), OfInt(-1), refused},
		{"tinyint top", integer(8), OfInt(127), "integer 127"},
		{"int top", integer(32), OfInt(math.MaxInt32), "integer 2147483647"},
		{"int above", integer(32), OfInt(math.MaxInt32 + 1), refused},
		{"uint top", unsigned(32), OfInt(math.MaxUint32), "integer 4294967295"},
		{"uint above", unsigned(32), OfInt(math.MaxUint32 + 1), refused},
		{"bigint bottom", integer(64), OfInt(math.MinInt64), "integer -9223372036854775808"},
		{"bigint from text", Type{Kind: Int}, OfText("9223372036854775807"), "integer 9223372036854775807"},
		{"bigint above", Type{Kind: Int}, decimal("9223372036854775808"), refused},
		{"bigint unsigned below", unsigned(64), OfInt(-1), refused},
		{"int from whole decimal", Type{Kind: Int}, decimal("-12.00"), "integer -12"},
		{"int from decimal", Type{Kind: Int}, decimal("12.01"), refused},
		{"int from exponent", Type{Kind: Int}, OfText("1.2e3"), "integer 1200"},
		{"int from float", Type{Kind: Int}, OfFloat(1e18), "integer 1000000000000000000"},
		{"int from NaN", Type{Kind: Int}, OfFloat(math.NaN()), refused},
		{"int from infinity", Type{Kind: Int}, decimal("Infinity"), refused},
		{"int from bool", Type{Kind: Int}, OfBool(true), "integer 1"},
		{"int from a date", Type{Kind: Int}, day("2026-01-01"), refused},
		{"int from blank", Type{Kind: Int}, OfText(" "), refused},

		{"numeric", Type{Kind: Decimal}, decimal("1.10"), "decimal 1.10"},
		{"numeric from int", numeric(10, 2), OfInt(5), "decimal 5.00"},
		{"numeric pads", numeric(10, 2), decimal("1.1"), "decimal 1.10"},
		{"numeric drops zeros", numeric(10, 2), decimal("1.1000"), "decimal 1.10"},
		{"numeric loses nothing", numeric(10, 2), decimal("1.101"), refused},
		{"numeric top", numeric(4, 2), decimal("99.99"), "decimal 99.99"},
		{"numeric above", numeric(4, 2), decimal("100"), refused},
		{"numeric below", numeric(4, 2), decimal("-99.99"), "decimal -99.99"},
		{"numeric of 38 digits", numeric(38, 0), decimal(nines), "decimal " + nines},
		{"numeric of 39 digits", numeric(38, 0), decimal(nines + "9"), refused},
		{"numeric(38,38)", numeric(38, 38), decimal("0." + nines), "decimal 0." + nines},
		{"numeric from float", numeric(10, 2), OfFloat(1e5), "decimal 100000.00"},
		{"numeric from exponent", numeric(10, 2), OfText("12e-1"), "decimal 1.20"},
		{"numeric NaN", numeric(10, 2), decimal("NaN"), "decimal NaN"},
		{"numeric infinity", numeric(10, 2), decimal("-Infinity"), refused},
		{"unbounded infinity", Type{Kind: Decimal}, decimal("-Infinity"), "decimal -Infinity"},
		{"numeric minus zero", numeric(4, 2), OfText("-0.000"), "decimal 0.00"},
		{"numeric from a flag", numeric(4, 2), OfBool(true), refused},

		{"float", Type{Kind: Float}, decimal("0.1"), "float 0.1"},
		{"float from int", Type{Kind: Float}, OfInt(3), "float 3"},
		{"float of 32 bits", Type{Kind: Float, Size: 32}, OfFloat(0.1), "float 0.10000000149011612"},
		{"float from text", Type{Kind: Float}, OfText("1e5"), "float 100000"},
		{"float from hexadecimal", Type{Kind: Float}, OfText("0x1p4"), refused},
		{"float above", Type{Kind: Float}, OfText("1e400"), refused},
		{"float of 32 bits above", Type{Kind: Float, Size: 32}, OfFloat(1e300), refused},
		{"float infinity", Type{Kind: Float, Size: 32}, OfFloat(math.Inf(1)), "float Infinity"},
		{"float from words", Type{Kind: Float}, OfText("12 km"), refused},

		{"text", Type{Kind: Text}, OfText("x"), "text x"},
		{"text at length", varchar(3), OfText("été"), "text été"},
		{"text too long", varchar(3), OfText("étés"), refused},
		{"text too long in ASCII", varchar(3), OfText("abcd"), refused},
		{"char padded", Type{Kind: Text, Size: 3, Fixed: true}, OfText("ab      "), "text ab"},
		{"varchar keeps blanks", varchar(5), OfText("ab  "), "text ab  "},
		{"text from number", varchar(5), decimal("1.10"), "text 1.10"},
		{"text from date", Type{Kind: Text}, day("2026-01-31"), "text 2026-01-31"},
		{"text from octets", Type{Kind: Text}, OfBytes([]byte("x")), refused},
		{"text with NUL", Type{Kind: Text}, OfText("a\x00b"), refused},
		{"text not UTF-8", Type{Kind: Text}, OfText("a\xff"), refused},
		{"empty text is not NULL", varchar(1), OfText(""), "text "},

		{"bytes", Type{Kind: Bytes, Size: 2}, OfBytes([]byte{1, 2}), `bytes \x0102`},
		{"bytes too long", Type{Kind: Bytes, Size: 2}, OfBytes([]byte{1, 2, 3}), refused},
		{"bytes from text", Type{Kind: Bytes}, OfText(`\x00FF`), `bytes \x00ff`},
		{"bytes from words", Type{Kind: Bytes}, OfText("00ff"), refused},
		{"bytes from half an octet", Type{Kind: Bytes}, OfText(`\x0`), refused},
		{"bytes from int", Type{Kind: Bytes}, OfInt(1), refused},

		{"date", Type{Kind: Date}, day("1899-12-31"), "date 1899-12-31"},
		{"date from text", Type{Kind: Date}, OfText("0044-03-15 BC"), "date 0044-03-15 BC"},
		{"date from midnight", Type{Kind: Date}, stamp("2026-01-31 00:00"), "date 2026-01-31"},
		{"date from an old midnight", Type{Kind: Date}, stamp("1850-01-31 00:00"), "date 1850-01-31"},
		{"date from midnight in text", Type{Kind: Date}, OfText("2026-01-31 00:00:00"), "date 2026-01-31"},
		{"date from noon", Type{Kind: Date}, stamp("2026-01-31 12:00"), refused},
		{"date from just after midnight", Type{Kind: Date}, stamp("2026-01-31 00:00:00.000000001"), refused},
		{"date from an instant", Type{Kind: Date}, instant("2026-01-31 00:00Z"), refused},
		{"date from infinity", Type{Kind: Date}, Infinite(DateTime, false), "date infinity"},
		{"date from nonsense", Type{Kind: Date}, OfText("31/01/2026"), refused},
		{"date from int", Type{Kind: Date}, OfInt(20260131), refused},

		{"time", Type{Kind: Time}, OfText("08:30"), "time 08:30:00"},
		{"time of day", Type{Kind: Time, Fraction: 3}, OfTime(time.Hour + 1234567*time.Nanosecond), "time 01:00:00.001"},
		{"time up to 24", Type{Kind: Time}, OfTime(24*time.Hour - 1), "time 24:00:00"},
		{"time from a timestamp", Type{Kind: Time}, stamp("2026-01-31 08:30"), refused},

		{"timestamp from date", Type{Kind: DateTime}, day("2026-01-31"), "timestamp 2026-01-31 00:00:00"},
		{"timestamp from infinity", Type{Kind: DateTime}, Infinite(Date, true), "timestamp -infinity"},
		{"timestamp from instant", Type{Kind: DateTime}, instant("2026-07-01 06:00Z"), "timestamp 2026-07-01 08:00:00"},
		{"timestamp rounds", Type{Kind: DateTime, Fraction: 3}, stamp("2026-12-31 23:59:59.9995"), "timestamp 2027-01-01 00:00:00"},
		{"timestamp keeps", Type{Kind: DateTime, Fraction: 6}, stamp("2026-12-31 23:59:59.123456"), "timestamp 2026-12-31 23:59:59.123456"},
		{"timestamp half up", Type{Kind: DateTime, Fraction: 6}, stamp("2026-12-31 23:59:59.1234565"), "timestamp 2026-12-31 23:59:59.123457"},
		{"timestamp half down", Type{Kind: DateTime, Fraction: 6}, stamp("2026-12-31 23:59:59.1234564"), "timestamp 2026-12-31 23:59:59.123456"},
		{"timestamp before 1970 rounds up", Type{Kind: DateTime}, stamp("1969-12-31 23:59:58.5"), "timestamp 1969-12-31 23:59:59"},
		{"timestamp with nanoseconds", Type{Kind: DateTime, Fraction: 9}, stamp("2026-12-31 23:59:59.123456789"), "timestamp 2026-12-31 23:59:59.123456789"},
		{"timestamp from text with offset", Type{Kind: DateTime}, OfText("2026-07-01 06:00Z"), refused},

		{"instant from wall clock", Type{Kind: Instant}, stamp("2026-07-01 08:00"), "timestamp with time zone 2026-07-01 06:00:00Z"},
		{"instant from date", Type{Kind: Instant}, day("2026-01-31"), "timestamp with time zone 2026-01-30 23:00:00Z"},
		{"instant from text", Type{Kind: Instant}, OfText("2026-07-01 08:00+01"), "timestamp with time zone 2026-07-01 07:00:00Z"},
		{"instant from infinity", Type{Kind: Instant}, Infinite(Date, false), "timestamp with time zone infinity"},
		{"instant from time", Type{Kind: Instant}, OfTime(time.Hour), refused},

		{"json", Type{Kind: JSON}, OfText(`{"a": 1.10}`), `text {"a": 1.10}`},
		{"json from number", Type{Kind: JSON}, decimal("1.10"), "text 1.10"},
		{"json from words", Type{Kind: JSON}, OfText("{a}"), refused},
		{"json from NaN", Type{Kind: JSON}, decimal("NaN"), refused},

		{"uuid", Type{Kind: UUID}, OfText("{123E4567-E89B-12D3-A456-426614174000}"), "text 123e4567-e89b-12d3-a456-426614174000"},
		{"uuid without hyphens", Type{Kind: UUID}, OfText("123e4567e89b12d3a456426614174000"), "text 123e4567-e89b-12d3-a456-426614174000"},
		{"uuid from octets", Type{Kind: UUID}, OfBytes([]byte("0123456789abcdef")), "text 30313233-3435-3637-3839-616263646566"},
		{"uuid too short", Type{Kind: UUID}, OfText("123e4567"), refused},
		{"uuid not hexadecimal", Type{Kind: UUID}, OfText("z23e4567-e89b-12d3-a456-426614174000"), refused},
		{"uuid from int", Type{Kind: UUID}, OfInt(1), refused},

		{"other", Type{Kind: Other}, OfText("(1,2)"), "text (1,2)"},
		{"other from int", Type{Kind: Other}, OfInt(5), "text 5"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := c.t.Fit(c.v, paris)
			if c.want == refused {
				if _, ok := errors.AsType[*FitError](err); !ok {
					t.Fatalf("got %s %q, %v; want a FitError", got.Kind(), got.Text(), err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if text := got.Kind().String() + " " + got.Text(); text != c.want {
				t.Errorf("got %q, want %q", text, c.want)
			}
			again, err := c.t.Fit(got, paris)
			if err != nil || !again.Equal(got) {
				t.Errorf("what fits does not fit again: %q, %v", again.Text(), err)
			}
		})
	}
}

func TestNullFitsEveryType(t *testing.T) {
	t.Parallel()
	for k := Null; k <= Other; k++ {
		if v, err := (Type{Kind: k}).Fit(Value{}, nil); err != nil || !v.IsNull() {
			t.Errorf("%s: %s, %v", k, v.Kind(), err)
		}
	}
}

func TestWallClocksNeedAZoneToBecomeInstants(t *testing.T) {
	t.Parallel()
	for _, v := range []Value{stamp("2026-07-01 08:00"), day("2026-07-01"), OfText("2026-07-01 08:00")} {
		if got, err := (Type{Kind: Instant}).Fit(v, nil); err == nil {
			t.Errorf("%s became %s", v.Text(), got.Text())
		}
	}
	if got, err := (Type{Kind: DateTime}).Fit(instant("2026-07-01 08:00Z"), nil); err == nil {
		t.Errorf("the instant became %s", got.Text())
	}
}

// Errors are shown where values are not.
func TestErrorsNeverHoldTheValue(t *testing.T) {
	t.Parallel()
	const marker = "Zyx91827"
	for k := Bool; k <= Other; k++ {
		for _, size := range []int{0, 1, 8} {
			for _, v := range []Value{
				OfText(marker), OfText(marker + "\x00"), OfText("9182791827918279182791827.5"), OfInt(9182791827), decimal("91827.91827"), OfFloat(91827e300),
				OfBytes([]byte(marker)), OfText("91827-13-01"), OfText("91:82:7"), OfText("1e91827"), OfText(`\x9182z`),
			} {
				column := Type{Kind: k, Size: size, Precision: 3, Scale: 1}
				if _, err := column.Fit(v, nil); err != nil && (strings.Contains(err.Error(), "Zyx") || strings.Contains(err.Error(), "9182") || strings.Contains(err.Error(), "5a7978")) {
					t.Errorf("%s: %v", k, err)
				}
			}
		}
	}
	for _, parse := range []func(string) (Value, error){ParseDecimal, ParseDate, ParseTime, ParseDateTime, func(s string) (Value, error) { return ParseInstant(s, nil) }} {
		if _, err := parse(marker); err == nil || strings.Contains(err.Error(), "Zyx") {
			t.Errorf("%v", err)
		}
	}
}

func TestTypesAreNamedAsTheDatabaseSpellsThem(t *testing.T) {
	t.Parallel()
	_, err := Type{Kind: Decimal, SQL: "numeric(4,2)", Precision: 4, Scale: 2}.Fit(OfInt(100), nil)
	if err == nil || err.Error() != "does not fit numeric(4,2): has 3 digits before the point, 2 fit" {
		t.Errorf("%v", err)
	}
	if got := (Type{Kind: Date}).String(); got != "date" {
		t.Errorf("a type without SQL is called %q", got)
	}
}

// Rounding is to the nearest representable fraction, and stays within half a unit.
func TestFractionsRoundHalfUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := OfDateTime(drawMoment(t))
		digits := rapid.IntRange(0, 9).Draw(t, "digits")
		got, err := Type{Kind: DateTime, Fraction: digits}.Fit(v, nil)
		if err != nil {
			t.Fatal(err)
		}
		unit := time.Duration(math.Pow10(9 - digits))
		if got.Time().Nanosecond()%int(unit) != 0 {
			t.Fatalf("%s to %d digits is %s", v.Text(), digits, got.Text())
		}
		if change := got.Time().Sub(v.Time()); change > (unit+1)/2 || change <= -(unit+1)/2 && unit > 1 {
			t.Fatalf("%s to %d digits is %s, off by %s", v.Text(), digits, got.Text(), change)
		}
	})
}

// A decimal that fits is numerically what it was.
func TestDecimalsFitWithoutLoss(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,20})?`).Draw(t, "decimal")
		precision := rapid.IntRange(1, 38).Draw(t, "precision")
		scale := rapid.IntRange(0, precision).Draw(t, "scale")
		got, err := Type{Kind: Decimal, Precision: precision, Scale: scale}.Fit(OfText(text), nil)
		trim := func(s string) string {
			if strings.Contains(s, ".") {
				s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
			}
			if s == "-0" {
				return "0"
			}
			return s
		}
		whole, fraction, _ := strings.Cut(strings.TrimPrefix(trim(text), "-"), ".")
		fits := len(strings.TrimLeft(whole, "0")) <= precision-scale && len(fraction) <= scale
		if (err == nil) != fits {
			t.Fatalf("%s into (%d,%d): %v", text, precision, scale, err)
		}
		if err == nil && trim(got.Text()) != trim(text) {
			t.Fatalf("%s became %s", text, got.Text())
		}
	})
}
