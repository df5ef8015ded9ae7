package value

import "testing"

func TestFitDigits(t *testing.T) {
	decimal := Type{Kind: Decimal, Digits: 15}
	for text, fits := range map[string]bool{
		"0": true, "-0.0": true, "1.10": true, "123456789.012345": true, "-123456789.012345": true, "0.000000123456789012345": true,
		"9223372036854775807": true, "-9223372036854775808": true, "9223372036854775807.00": true,
		"9223372036854775808": false, "1234567890.123456": false, "12345678901234567890.5": false,
		"100000000000000000000": true, "123456789012345000000000": true, "NaN": false, "Infinity": false, "-Infinity": false,
	} {
		if _, err := decimal.Fit(OfText(text), nil); (err == nil) != fits {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, kind := range []Kind{Other, Text} {
		column := Type{Kind: kind, Digits: 15}
		for text, fits := range map[string]bool{
			"": true, "a": true, "7": true, "-7": true, "1.5": true, "0x10": true, "1_000": true, "inf": true, "nan": true, "2026-01-01": true,
			"007": false, "+7": false, "7.0": false, "1e3": false, ".5": false, "1e+15": false,
			"12345678901234567890": false, "9223372036854775807": true, "1e400": false,
		} {
			if _, err := column.Fit(OfText(text), nil); (err == nil) != fits {
				t.Errorf("%s %q: %v", kind, text, err)
			}
		}
		if _, err := (Type{Kind: kind}).Fit(OfText("007"), nil); err != nil {
			t.Errorf("without Digits: %v", err)
		}
	}
}
