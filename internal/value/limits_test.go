package value

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// basic is a charset without characters beyond the Basic Multilingual Plane.
type basic struct{}

func (basic) Misfit(v Value) string {
	if strings.ContainsFunc(v.Str(), func(r rune) bool { return r > 0xffff }) {
		return "has a character that the column cannot hold"
	}
	return ""
}

// from refuses days before another.
type from struct{ day Value }

func (f from) Misfit(v Value) string {
	if v.Time().Before(f.day.Time()) {
		return "is before the type's calendar"
	}
	return ""
}

func TestLimits(t *testing.T) {
	t.Parallel()
	text, date := Type{Kind: Text, Size: 3, Limits: basic{}}, Type{Kind: Date, Limits: from{day("1900-01-01")}}
	for _, c := range []struct {
		t     Type
		v     Value
		fits  bool
		holds bool // as it is
	}{
		{text, OfText("é€ж"), true, true},
		{text, OfText("a\U0001F642"), false, false},
		{text, OfText("four"), false, false},
		{text, OfInt(12), true, false}, // as a text
		{text, Value{}, true, true},
		{date, day("1900-01-01"), true, true},
		{date, day("1899-12-31"), false, false},
		{date, OfText("1899-12-31"), false, false}, // what is judged is what would be stored
		{date, OfText("1900-01-02"), true, false},
	} {
		_, err := c.t.Fit(c.v, time.UTC)
		var misfit *FitError
		if (err == nil) != c.fits || err != nil && !errors.As(err, &misfit) {
			t.Errorf("%q into %s: %v", c.v.Text(), c.t, err)
		}
		if got := c.t.Holds(&c.v); got != c.holds {
			t.Errorf("%s holds %q: %v", c.t, c.v.Text(), got)
		}
	}
	if (Type{Kind: Date, Limits: from{day("1900-01-01")}}) != date {
		t.Error("types of equal limits differ")
	}
}
