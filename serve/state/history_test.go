package state_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/run"
	"github.com/registrar-sync/registrar/serve/state"
)

// testHistory goes through more runs than are read at a time, several of which began in the same moment.
func testHistory(t *testing.T, b backend) {
	store, ctx := open(t, b.location(t)), t.Context()
	var runs []*run.Result
	for n := range 103 {
		r := result(fmt.Sprintf("run-%03d", n), noon.Add(time.Duration(n/3)*time.Minute), unit("sync.a", run.Applied, "sync.a"))
		runs = append(runs, r)
		if err := store.SaveRun(ctx, r); err != nil {
			t.Fatal(err)
		}
	}
	slices.SortFunc(runs, func(a, b *run.Result) int { return cmp.Or(b.StartedOn.Compare(a.StartedOn), cmp.Compare(a.ID, b.ID)) })
	behind := func(place state.Place, limit int) []string {
		t.Helper()
		var ids []string
		if err := store.History(ctx, place, func(r *run.Result) bool {
			ids = append(ids, r.ID)
			return len(ids) < limit
		}); err != nil {
			t.Fatal(err)
		}
		return ids
	}
	var want []string
	for _, r := range runs {
		want = append(want, r.ID)
	}
	if got := behind(state.Place{}, 1000); !slices.Equal(got, want) {
		t.Errorf("the history is %v, want %v", got, want)
	}
	for _, n := range []int{1, 2, 3, 4, 99, 100, 102, 103} {
		if got := behind(state.PlaceOf(runs[n-1]), 1000); !slices.Equal(got, want[n:]) {
			t.Errorf("behind the run %d are %v, want %v", n, got, want[n:])
		}
	}
	if got := behind(state.Place{StartedOn: runs[1].StartedOn}, 1); len(got) != 1 || got[0] != want[4] {
		t.Errorf("before what began with two others were %v, want %s", got, want[4])
	}
}
