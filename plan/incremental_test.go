package plan

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/register"
)

func decimal(t *testing.T, text string) value.Value {
	t.Helper()
	v, err := value.ParseDecimal(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// What is seen, in any order, and what is not believed.
func TestGreatestWatermark(t *testing.T) {
	noon := time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		kind value.Kind
		seen []value.Value
		want value.Value
	}{
		"nothing":            {kind: value.Int},
		"nulls":              {value.Int, []value.Value{{}, {}}, value.Value{}},
		"integers":           {value.Int, []value.Value{value.OfInt(-3), {}, value.OfInt(10), value.OfInt(9)}, value.OfInt(10)},
		"decimals by value":  {value.Decimal, []value.Value{decimal(t, "9.5"), decimal(t, "10.25"), decimal(t, "10.2")}, decimal(t, "10.25")},
		"no number":          {value.Decimal, []value.Value{decimal(t, "NaN"), decimal(t, "1"), decimal(t, "Infinity")}, decimal(t, "1")},
		"instants":           {value.Instant, []value.Value{value.OfInstant(noon), value.OfInstant(noon.Add(-time.Nanosecond))}, value.OfInstant(noon)},
		"no time":            {value.Instant, []value.Value{value.Infinite(value.Instant, false), value.OfInstant(noon), value.Infinite(value.Instant, true)}, value.OfInstant(noon)},
		"far in the future":  {value.Instant, []value.Value{value.OfInstant(noon.Add(24*time.Hour + time.Second)), value.OfInstant(noon)}, value.OfInstant(noon)},
		"of another kind":    {value.DateTime, []value.Value{value.OfText("yesterday"), value.OfDateTime(noon)}, value.OfDateTime(noon)},
		"integers are times": {value.Int, []value.Value{value.OfInt(1 << 60)}, value.OfInt(1 << 60)},
	} {
		w := &window{kind: test.kind, ahead: noon.Add(maxAhead)}
		for _, v := range test.seen {
			w.see(v)
		}
		if !w.greatest.Equal(test.want) {
			t.Errorf("%s: %s, want %s", name, w.greatest.Text(), test.want.Text())
		}
	}
}

// A watermark is read back as it was written, and lowered by the overlap.
func TestLowerBound(t *testing.T) {
	at := time.Date(2026, 10, 25, 0, 4, 0, 123456000, time.UTC)
	none, week := time.Duration(0), 7*24*time.Hour
	for _, test := range []struct {
		mark    value.Value
		overlap *time.Duration
		want    string
	}{
		{value.OfInstant(at), nil, "2026-10-24 23:54:00.123456Z"},
		{value.OfInstant(at), &none, "2026-10-25 00:04:00.123456Z"},
		{value.OfInstant(at), &week, "2026-10-18 00:04:00.123456Z"},
		{value.OfDateTime(at), nil, "2026-10-24 22:54:00.123456"},
		{value.OfDate(at), nil, "2026-10-24"},
		{value.OfDate(at), &none, "2026-10-25"},
		{value.OfInt(41), nil, "41"},
		{decimal(t, "12.50"), nil, "12.50"},
	} {
		read, err := parseWatermark(test.mark.Kind().String(), test.mark.Text())
		if err != nil || !read.Equal(test.mark) {
			t.Errorf("%s is read as %s, %v", test.mark.Text(), read.Text(), err)
		}
		if got := before(read, overlap(&config.Incremental{Overlap: test.overlap}, read.Kind())); got.Text() != test.want {
			t.Errorf("%s, overlap %v: %s, want %s", test.mark.Text(), test.overlap, got.Text(), test.want)
		}
	}
	for kind, text := range map[string]string{"text": "x", "integer": "9223372036854775808", "decimal": "ten"} {
		if read, err := parseWatermark(kind, text); err == nil || !read.IsNull() {
			t.Errorf("the %s %q was read as the watermark %s, %v", kind, text, read.Text(), err)
		}
	}
}

func TestLeavesUndone(t *testing.T) {
	for want, test := range map[string]struct {
		summary register.SyncSummary
		found   int64
	}{
		"": {summary: register.SyncSummary{Warned: 3, LikelyRenames: 1, Withheld: map[config.Operation]int64{config.Archive: 2, config.Purge: 1}}},
		"1 rejected, 2 unresolved, 3 ignored, 4 protected": {summary: register.SyncSummary{Rejected: 1, Unresolved: 2, Ignored: 3, Protected: 4}},
		"1 withheld":        {summary: register.SyncSummary{Withheld: map[config.Operation]int64{config.Archive: 2, config.Insert: 1}}},
		"3 held back":       {summary: register.SyncSummary{HeldBack: map[config.Operation]int64{config.Delete: 2, config.Insert: 1}}},
		"5 found by checks": {found: 5},
	} {
		test.summary.Sync = "sync.a"
		checks := []checkResult{
			{check: &config.Check{Staged: []string{"sync.a"}}, count: test.found},
			{check: &config.Check{Staged: []string{"sync.b"}}, count: 9},
		}
		if got := (&work{summary: test.summary}).leavesUndone(checks); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestWhyWholeOfAnUnknownPast(t *testing.T) {
	for want, last := range map[string]register.Applied{
		"no plan of the sync has been applied":                 {},
		"no plan of the sync is among the latest applied ones": {OutOfSight: true},
	} {
		if why, err := (&destination{}).whyWhole(t.Context(), &maker{opts: &Options{}}, &work{}, &last); err != nil || why != want {
			t.Errorf("%q, %v, want %q", why, err, want)
		}
	}
}

// A plan that leaves something undone keeps the watermark that it began with, if any.
func TestCloseWindow(t *testing.T) {
	made := time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		mode           register.ReadMode
		base, greatest value.Value
		undone         string
		want           string
	}{
		"full":                    {register.ReadAll, value.Value{}, value.OfInt(7), "", "7"},
		"full, undone":            {register.ReadAll, value.Value{}, value.OfInt(7), "1 rejected", ""},
		"full after all, undone":  {register.ReadAll, value.OfInt(5), value.OfInt(7), "1 rejected", ""},
		"partial":                 {register.ReadChanged, value.OfInt(5), value.OfInt(7), "", "7"},
		"partial, undone":         {register.ReadChanged, value.OfInt(5), value.OfInt(7), "1 rejected", "5"},
		"partial, nothing read":   {register.ReadChanged, value.OfInt(5), value.Value{}, "", "5"},
		"partial, never backward": {register.ReadChanged, value.OfInt(5), value.OfInt(4), "", "5"},
	} {
		i := &register.Incremental{Mode: test.mode, FullOn: made, FullRows: 100}
		w := &window{work: &work{summary: register.SyncSummary{SourceRows: 3, Incremental: i}}, base: test.base, greatest: test.greatest}
		w.close(&config.Incremental{FullEvery: time.Hour}, test.undone)
		want := &register.Incremental{Mode: test.mode, FullOn: made, FullRows: 100, FullAfter: made.Add(time.Hour), LeftUndone: test.undone, Watermark: test.want}
		if test.want != "" {
			want.Kind = "integer"
		}
		if test.mode == register.ReadAll {
			want.FullRows = 3
		}
		if diff := cmp.Diff(want, i); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestGuardOfPartial(t *testing.T) {
	guard := config.Guard{MinSourceRows: 10, MinSourceRatio: 80, MaxInsert: &config.Limit{Count: 1}, MaxReject: &config.Limit{Percent: 10}}
	partial := register.SyncSummary{SourceRows: 3, LiveRows: 100, Rejected: 3, Incremental: &register.Incremental{Mode: register.ReadChanged}}
	if got := judge(&guard, &partial, 100); got.Reason != "" {
		t.Errorf("held: %s", got.Reason)
	}
	partial.Rejected, partial.SourceRows, partial.Counts = 11, 11, map[config.Operation]int64{config.Insert: 2}
	want := "2 rows would be touched by insert, max_insert allows 1; 11 of 100 records are rejected, max_reject allows 10%"
	if got := judge(&guard, &partial, 100); got.Reason != want {
		t.Errorf("held: %q, want %q", got.Reason, want)
	}
	partial.Incremental.Mode = register.ReadAll
	if got := judge(&guard, &partial, 100); got.RemovalsOnly || got.Reason == want {
		t.Errorf("a full comparison is held for %q only", got.Reason)
	}
}

func TestSpanText(t *testing.T) {
	for span, want := range map[time.Duration]string{24 * time.Hour: "24h", 168 * time.Hour: "7d", time.Minute: "1m", 90 * time.Minute: "1h30m", 36 * time.Hour: "36h", 90 * time.Second: "1m30s"} {
		if got := spanText(span); got != want {
			t.Errorf("%v is %q, want %q", span, got, want)
		}
	}
}
