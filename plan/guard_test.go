package plan

import (
	"testing"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/register"
)

func TestJudge(t *testing.T) {
	counts := func(operation config.Operation, n int64) register.SyncSummary {
		return register.SyncSummary{SourceRows: 1000, LiveRows: 1000, ArchivedRows: 200, Counts: map[config.Operation]int64{operation: n}}
	}
	// With count of the operation the limit holds; with one more it does not.
	for _, test := range []struct {
		name      string
		operation config.Operation
		guard     func(*config.Limit) config.Guard
		base      int64
		removal   bool
		said      string
	}{
		{"max_insert", config.Insert, func(l *config.Limit) config.Guard { return config.Guard{MaxInsert: l} }, 1000, false, "rows would be touched by insert"},
		{"max_update", config.Update, func(l *config.Limit) config.Guard { return config.Guard{MaxUpdate: l} }, 1000, false, "rows would be touched by update"},
		{"max_update", config.Rename, func(l *config.Limit) config.Guard { return config.Guard{MaxUpdate: l} }, 1000, false, "rows would be touched by update"},
		{"max_update", config.Adopt, func(l *config.Limit) config.Guard { return config.Guard{MaxUpdate: l} }, 1000, false, "rows would be touched by update"},
		{"max_undelete", config.Undelete, func(l *config.Limit) config.Guard { return config.Guard{MaxUndelete: l} }, 1000, false, "rows would be touched by undelete"},
		{"max_delete", config.Delete, func(l *config.Limit) config.Guard { return config.Guard{MaxDelete: l} }, 1000, true, "rows would be touched by delete"},
		{"max_delete", config.Archive, func(l *config.Limit) config.Guard { return config.Guard{MaxDelete: l} }, 1000, true, "rows would be touched by delete"},
		{"max_purge", config.Purge, func(l *config.Limit) config.Guard { return config.Guard{MaxPurge: l} }, 200, true, "archived rows would be touched by purge"},
	} {
		t.Run(string(test.operation), func(t *testing.T) {
			for _, limit := range []config.Limit{{Count: 50}, {Percent: 5000 / float64(test.base)}} {
				guard := test.guard(&limit)
				within, beyond := counts(test.operation, 50), counts(test.operation, 51)
				if got := judge(&guard, &within, 0); got != (verdict{}) {
					t.Errorf("%+v: 50 are held: %+v", limit, got)
				}
				want := verdict{"51 " + test.said + ", " + test.name + " allows 50", test.removal}
				if limit.Percent > 0 {
					want.Reason = map[int64]string{1000: "51 of 1000 ", 200: "51 of 200 "}[test.base] + test.said + ", " + test.name + map[int64]string{1000: " allows 5%", 200: " allows 25%"}[test.base]
				}
				if got := judge(&guard, &beyond, 0); got != want {
					t.Errorf("%+v: 51: %+v, want %+v", limit, got, want)
				}
			}
		})
	}

	percent := func(p float64) *config.Limit { return &config.Limit{Percent: p} }
	type operations = map[config.Operation]int64
	for name, test := range map[string]struct {
		guard   config.Guard
		summary register.SyncSummary
		before  int64
		want    verdict
	}{
		"rejects at the limit":     {config.Guard{MaxReject: percent(5)}, register.SyncSummary{SourceRows: 40, Rejected: 2}, 0, verdict{}},
		"rejects beyond the limit": {config.Guard{MaxReject: percent(5)}, register.SyncSummary{SourceRows: 40, Rejected: 3}, 0, verdict{Reason: "3 of 40 records are rejected, max_reject allows 5%"}},
		"rejects beyond a count":   {config.Guard{MaxReject: &config.Limit{Count: 0}}, register.SyncSummary{SourceRows: 40, Rejected: 1}, 0, verdict{Reason: "1 records are rejected, max_reject allows 0"}},
		"archives and deletes are added": {
			config.Guard{MaxDelete: &config.Limit{Count: 3}},
			register.SyncSummary{LiveRows: 10, Counts: operations{config.Archive: 2, config.Delete: 2}},
			0,
			verdict{"4 rows would be touched by delete, max_delete allows 3", true},
		},
		"purges are not deletes":      {config.Guard{MaxDelete: &config.Limit{Count: 0}}, register.SyncSummary{LiveRows: 10, ArchivedRows: 10, Counts: operations{config.Purge: 9}}, 0, verdict{}},
		"a share of too few rows":     {config.Guard{MaxDelete: &config.Limit{Percent: 30, Least: 10}}, register.SyncSummary{SourceRows: 1, LiveRows: 9, Counts: operations{config.Delete: 8}}, 0, verdict{}},
		"a share of just enough rows": {config.Guard{MaxDelete: &config.Limit{Percent: 30, Least: 10}}, register.SyncSummary{SourceRows: 2, LiveRows: 10, Counts: operations{config.Delete: 8}}, 0, verdict{"8 of 10 rows would be touched by delete, max_delete allows 30%", true}},
		"a share of nothing":          {config.Guard{MaxInsert: percent(5)}, register.SyncSummary{SourceRows: 9, Counts: operations{config.Insert: 9}}, 0, verdict{}},
		"all of it is allowed":        {config.Guard{MaxDelete: percent(100)}, register.SyncSummary{SourceRows: 1, LiveRows: 10, Counts: operations{config.Archive: 10}}, 0, verdict{}},
		"shares are exact":            {config.Guard{MaxUpdate: percent(0.57)}, register.SyncSummary{LiveRows: 10_000, Counts: operations{config.Update: 57}}, 0, verdict{}},
		"shares are exact (2)":        {config.Guard{MaxUpdate: percent(0.07)}, register.SyncSummary{LiveRows: 10_000, Counts: operations{config.Update: 7}}, 0, verdict{}},

		"empty source":                 {config.Guard{MinSourceRows: 1}, register.SyncSummary{LiveRows: 1}, 0, verdict{"the source has 0 rows, min_source_rows asks for 1", true}},
		"empty source, empty scope":    {config.Guard{MinSourceRows: 1, MinSourceRatio: 80}, register.SyncSummary{ArchivedRows: 5}, 100, verdict{}},
		"empty source, rows to purge":  {config.Guard{MinSourceRows: 1}, register.SyncSummary{ArchivedRows: 5, Counts: operations{config.Purge: 1}}, 0, verdict{"the source has 0 rows, min_source_rows asks for 1", true}},
		"short source, empty scope":    {config.Guard{MinSourceRows: 5}, register.SyncSummary{SourceRows: 4, Counts: operations{config.Insert: 4}}, 0, verdict{}},
		"enough rows":                  {config.Guard{MinSourceRows: 5}, register.SyncSummary{SourceRows: 5, LiveRows: 9}, 0, verdict{}},
		"too few rows":                 {config.Guard{MinSourceRows: 5}, register.SyncSummary{SourceRows: 4, LiveRows: 9}, 0, verdict{"the source has 4 rows, min_source_rows asks for 5", true}},
		"ratio":                        {config.Guard{MinSourceRatio: 80}, register.SyncSummary{SourceRows: 80, LiveRows: 9}, 100, verdict{}},
		"below the ratio":              {config.Guard{MinSourceRatio: 80}, register.SyncSummary{SourceRows: 79, LiveRows: 9}, 100, verdict{"the source has 79 rows, the last applied plan's had 100: min_source_ratio asks for 80%", true}},
		"below the ratio, empty scope": {config.Guard{MinSourceRatio: 80}, register.SyncSummary{SourceRows: 79}, 100, verdict{"the source has 79 rows, the last applied plan's had 100: min_source_ratio asks for 80%", true}},
		"ratio, nothing known":         {config.Guard{MinSourceRatio: 80}, register.SyncSummary{SourceRows: 1, LiveRows: 9}, 0, verdict{}},
		"what is not curable comes first": {
			config.Guard{MaxDelete: &config.Limit{Count: 1}, MaxInsert: &config.Limit{Count: 1}},
			register.SyncSummary{LiveRows: 10, Counts: operations{config.Delete: 2, config.Insert: 3}},
			0,
			verdict{"3 rows would be touched by insert, max_insert allows 1; 2 rows would be touched by delete, max_delete allows 1", false},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := judge(&test.guard, &test.summary, test.before); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}
