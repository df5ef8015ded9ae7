package view_test

import (
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/register"
)

// Each row that had the key is told where there were several; of one there is nothing to tell apart.
func TestForgettingLives(t *testing.T) {
	t.Parallel()
	on := time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)
	first := view.ForgottenLife{Sync: "sync.people", Life: register.Life{Operations: 3, From: on, Until: on.AddDate(0, 0, 1)}}
	second := view.ForgottenLife{Sync: "sync.people", Life: register.Life{Operations: 1, From: on.AddDate(0, 0, 2)}}
	for _, test := range []struct {
		lives []view.ForgottenLife
		want  string
	}{
		{[]view.ForgottenLife{first}, "d\n"},
		{[]view.ForgottenLife{first, second}, "d\n" +
			"  A row of sync.people that had the key from 2026-09-01T12:00:00Z until 2026-09-02T12:00:00Z: 3 operations\n" +
			"  A row of sync.people that had the key from 2026-09-03T12:00:00Z until now: 1 operation\n"},
	} {
		var out strings.Builder
		view.New(&out, view.Options{Width: 300}).Forgetting(&view.Forgetting{Destination: "d", Lives: test.lives})
		if got := out.String(); got != test.want {
			t.Errorf("got\n%s\nwant\n%s", got, test.want)
		}
	}
}
