package value

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseDecimal(t *testing.T) {
	t.Parallel()
	nines := strings.Repeat("9", 38)
	for text, want := range map[string]string{
		"0": "0", "-0": "0", "-0.00": "0.00", "00": "0", "007.50": "7.50", "+1": "1", ".5": "0.5", "5.": "5", "-.5": "-0.5",
		"1.10": "1.10", nines: nines, "-" + nines + "." + nines: "-" + nines + "." + nines,
		"1e3": "1000", "1E3": "1000", "1.5e1": "15", "1.50e1": "15.0", "15e-1": "1.5", "1e-3": "0.001", "-1.25e-2": "-0.0125",
		"1e0": "1", "1e+2": "100", "0e5": "0", "1.23e1": "12.3", "123e-5": "0.00123", "1e1000": "1" + strings.Repeat("0", 1000),
		"NaN": "NaN", "Infinity": "Infinity", "-Infinity": "-Infinity",
	} {
		v, err := ParseDecimal(text)
		if err != nil || v.Kind() != Decimal || v.Text() != want {
			t.Errorf("ParseDecimal(%q) = %s %q, %v; want %q", text, v.Kind(), v.Text(), err, want)
		}
	}
	for _, text := range []string{
		"", " ", "1 ", " 1", "-", "+", ".", "-.", "1..2", "1.2.3", "--1", "-+1", "+-1", "1e", "e1", "1e1.5", "1e1001", "1e-1001", "1e99999999999999999999",
		"1,5", "1_000", "0x1F", "١", "nan", "inf", "Inf", "infinity", "+Infinity", "1e+", "1-", "1e5e5", "\x001",
	} {
		if v, err := ParseDecimal(text); err == nil {
			t.Errorf("ParseDecimal(%q) = %q", text, v.Text())
		}
	}
}

func TestParseDate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2024-02-29": "2024-02-29", "1582-10-10": "1582-10-10", "0001-01-01": "0001-01-01", "0044-03-15 BC": "0044-03-15 BC",
		"10000-12-31": "10000-12-31", "infinity": "infinity", "-infinity": "-infinity", "0001-02-29 BC": "0001-02-29 BC",
	} {
		v, err := ParseDate(text)
		if err != nil || v.Kind() != Date || v.Text() != want {
			t.Errorf("ParseDate(%q) = %q, %v", text, v.Text(), err)
		}
	}
	for _, text := range []string{
		"", "2026-02-29", "2026-13-01", "2026-00-10", "2026-01-00", "2026-01-32", "0000-01-01", "0000-01-01 BC", "26-01-01", "2026-1-1", "2026/01/01",
		"-2026-01-01", "2026-01-01 ", " 2026-01-01", "2026-01-01T00:00:00", "20260101", "1234567-01-01", "2026-01-01 AD", "Infinity", "2026-01-1x",
	} {
		if v, err := ParseDate(text); err == nil {
			t.Errorf("ParseDate(%q) = %q", text, v.Text())
		}
	}
}

func TestParseTime(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"00:00": "00:00:00", "23:59:59.999999999": "23:59:59.999999999", "24:00": "24:00:00", "24:00:00": "24:00:00", "08:30:00.500": "08:30:00.5",
	} {
		v, err := ParseTime(text)
		if err != nil || v.Kind() != Time || v.Text() != want {
			t.Errorf("ParseTime(%q) = %q, %v", text, v.Text(), err)
		}
	}
	for _, text := range []string{"", "24:00:01", "24:01", "24:00:00.1", "23:60", "23:59:60", "8:30", "08:30:", "08:30:00.", "08:30.5", "08:30:00.1234567890", "083000", "08:30:00Z", "-1:00", "08:30:00.x"} {
		if v, err := ParseTime(text); err == nil {
			t.Errorf("ParseTime(%q) = %q", text, v.Text())
		}
	}
}

func TestParseTimestamps(t *testing.T) {
	t.Parallel()
	paris := zone(t, "Europe/Paris")
	for _, c := range []struct{ text, wall, instant string }{
		{"2026-07-01", "2026-07-01 00:00:00", "2026-06-30 22:00:00Z"},
		{"2026-07-01 08:30", "2026-07-01 08:30:00", "2026-07-01 06:30:00Z"},
		{"2026-01-01T08:30:00.25", "2026-01-01 08:30:00.25", "2026-01-01 07:30:00.25Z"},
		{"2026-07-01 08:30:00Z", "", "2026-07-01 08:30:00Z"},
		{"2026-07-01T08:30:00+02", "", "2026-07-01 06:30:00Z"},
		{"2026-07-01 08:30:00+0530", "", "2026-07-01 03:00:00Z"},
		{"2026-07-01 08:30:00 -03:30", "", "2026-07-01 12:00:00Z"},
		{"1850-01-01 00:00:00+00:09:21", "", "1849-12-31 23:50:39Z"},
		{"0044-03-15 12:00:00+01 BC", "", "0044-03-15 11:00:00Z BC"},
		{"0044-03-15 12:00:00 BC", "0044-03-15 12:00:00 BC", "0044-03-15 11:50:39Z BC"},
		{"10000-01-01 00:00:00Z", "", "10000-01-01 00:00:00Z"},
		{"infinity", "infinity", "infinity"},
		{"-infinity", "-infinity", "-infinity"},
	} {
		if v, err := ParseDateTime(c.text); (err == nil) != (c.wall != "") || v.Text() != c.wall {
			t.Errorf("ParseDateTime(%q) = %q, %v", c.text, v.Text(), err)
		}
		if v, err := ParseInstant(c.text, paris); err != nil || v.Kind() != Instant || v.Text() != c.instant {
			t.Errorf("ParseInstant(%q) = %q, %v", c.text, v.Text(), err)
		}
		_, err := ParseInstant(c.text, nil)
		if zoneless := c.wall != "" && !strings.Contains(c.wall, "infinity"); (err != nil) != zoneless {
			t.Errorf("ParseInstant(%q) without a zone: %v", c.text, err)
		}
	}
	for _, text := range []string{
		"", "2026-07-01 ", "2026-07-01T", "2026-07-01Z", "2026-02-30 00:00", "2026-07-01 25:00", "2026-07-01 08:30:00+", "2026-07-01 08:30:00+2", "2026-07-01 08:30:00+123",
		"2026-07-01 08:30:00+aa", "2026-07-01 08:30:00 CET", "2026-07-01 08:30:00+02:00:00:00", "2026-07-01 08:30:00Zx", "2026-07-01 08:30:00+99", "2026-07-01 08:30:00+02:99", "2026-07-01 08:30:00+0:200",
	} {
		if v, err := ParseInstant(text, paris); err == nil {
			t.Errorf("ParseInstant(%q) = %q", text, v.Text())
		}
		if v, err := ParseDateTime(text); err == nil {
			t.Errorf("ParseDateTime(%q) = %q", text, v.Text())
		}
	}
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestInZone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, wall, instant, back string }{
		{"Europe/Paris", "2026-01-15 12:00:00", "2026-01-15 11:00:00Z", ""},
		{"Europe/Paris", "2026-07-15 12:00:00", "2026-07-15 10:00:00Z", ""},
		// The hour that does not exist is read an hour later.
		{"Europe/Paris", "2026-03-29 02:30:00", "2026-03-29 01:30:00Z", "2026-03-29 03:30:00"},
		// Of the hour that comes twice, the first.
		{"Europe/Paris", "2026-10-25 02:30:00", "2026-10-25 00:30:00Z", ""},
		{"Europe/Paris", "2026-10-25 02:59:59.999", "2026-10-25 00:59:59.999Z", ""},
		{"Europe/Paris", "2026-10-25 03:00:00", "2026-10-25 02:00:00Z", ""},
		{"America/New_York", "2026-11-01 01:30:00", "2026-11-01 05:30:00Z", ""},
		{"America/New_York", "2026-03-08 02:30:00", "2026-03-08 07:30:00Z", "2026-03-08 03:30:00"},
		// Half an hour of summer time.
		{"Australia/Lord_Howe", "2026-04-05 01:45:00", "2026-04-04 14:45:00Z", ""},
		{"Europe/Paris", "1850-01-01 00:00:00", "1849-12-31 23:50:39Z", ""},
		{"UTC", "2026-10-25 02:30:00", "2026-10-25 02:30:00Z", ""},
	} {
		loc := zone(t, c.zone)
		wall, err := ParseDateTime(c.wall)
		if err != nil {
			t.Fatal(err)
		}
		instant := wall.InZone(loc)
		if instant.Kind() != Instant || instant.Text() != c.instant {
			t.Errorf("%s in %s is %s, want %s", c.wall, c.zone, instant.Text(), c.instant)
		}
		if c.back == "" {
			c.back = c.wall
		}
		if back := instant.InZone(loc); back.Kind() != DateTime || back.Text() != c.back {
			t.Errorf("%s shows in %s as %s, want %s", c.instant, c.zone, back.Text(), c.back)
		}
	}
	second, _ := ParseInstant("2026-10-25 01:30:00Z", nil)
	if got := second.InZone(zone(t, "Europe/Paris")).Text(); got != "2026-10-25 02:30:00" {
		t.Errorf("the second 02:30 shows as %s", got)
	}
	for _, v := range []Value{{}, OfInt(1), OfDate(time.Now()), OfTime(time.Hour), Infinite(Date, false)} {
		if !v.InZone(time.UTC).Equal(v) {
			t.Errorf("InZone changes a %s", v.Kind())
		}
	}
	if got := Infinite(DateTime, true).InZone(time.UTC); !got.Equal(Infinite(Instant, true)) {
		t.Errorf("-infinity becomes %s %s", got.Kind(), got.Text())
	}
	if got := Infinite(Instant, false).InZone(time.UTC); !got.Equal(Infinite(DateTime, false)) {
		t.Errorf("infinity becomes %s %s", got.Kind(), got.Text())
	}
}

// Whatever wall clock exists is what a clock shows at the instant it stands for, and
// no earlier instant shows it.
func TestInZoneIsTheFirstInstantThatShowsTheWallClock(t *testing.T) {
	t.Parallel()
	loc := map[string]*time.Location{}
	names := []string{"Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca"}
	for _, name := range names {
		loc[name] = zone(t, name)
	}
	rapid.Check(t, func(t *rapid.T) {
		where := loc[rapid.SampledFrom(names).Draw(t, "zone")]
		shown := OfInstant(time.Unix(rapid.Int64Range(-2_000_000_000, 2_200_000_000).Draw(t, "instant"), 0)).InZone(where)
		first := shown.InZone(where)
		if !first.InZone(where).Equal(shown) {
			t.Fatalf("%s: %s shows as %s", where, first.Text(), first.InZone(where).Text())
		}
		for _, earlier := range []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour} {
			if other := OfInstant(first.Time().Add(-earlier)); other.InZone(where).Equal(shown) {
				t.Fatalf("%s: %s shows %s too, before %s", where, other.Text(), shown.Text(), first.Text())
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"1.10", "-0", "1e-5", "2026-01-31", "0044-03-15 BC", "08:30:00.5", "2026-01-31 08:30:00+02", "infinity", "Z", " BC", "-"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for name, parse := range map[string]func(string) (Value, error){
			"decimal": ParseDecimal, "date": ParseDate, "time": ParseTime, "timestamp": ParseDateTime,
			"instant": func(s string) (Value, error) { return ParseInstant(s, time.UTC) },
		} {
			v, err := parse(text)
			if err != nil {
				continue
			}
			if back, err := parse(v.Text()); err != nil || !back.Equal(v) {
				t.Errorf("%s %q: canonical %q reads back as %q, %v", name, text, v.Text(), back.Text(), err)
			}
		}
	})
}
