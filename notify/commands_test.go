package notify

import (
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/run"
)

// Commands work wherever they are read, and there are only those that help.
func TestCommands(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change  func(u *run.UnitResult, s *run.SyncResult)
		outcome run.Outcome
		want    string
		has     []string // in the text
		not     []string
	}{
		"held": {
			func(*run.UnitResult, *run.SyncResult) {}, run.Held,
			`registrar --chdir '/etc/the registrar' show p1, registrar --chdir '/etc/the registrar' apply p1 --override "reason", `,
			[]string{"Apply it all the same:\n    registrar --chdir '/etc/the registrar' apply p1"},
			nil,
		},
		"blocked": {
			func(u *run.UnitResult, _ *run.SyncResult) { u.Blocked = true }, run.Held,
			"registrar --chdir '/etc/the registrar' show p1, , ", nil,
			[]string{"apply p1"},
		},
		"failed": {
			func(*run.UnitResult, *run.SyncResult) {}, run.Failed,
			"registrar --chdir '/etc/the registrar' show p1, , ", nil,
			[]string{"apply p1", "kept"},
		},
		"failed in part": {
			func(u *run.UnitResult, s *run.SyncResult) {
				u.Applied, s.Counts = []string{s.Destination}, map[config.Operation]int64{config.Insert: 7}
			}, run.Failed,
			"registrar --chdir '/etc/the registrar' show p1, , registrar --chdir '/etc/the registrar' apply p1",
			[]string{"Apply the rest:\n    registrar --chdir '/etc/the registrar' apply p1", "applied all the same, and kept: destination.postgres.timetable", "7 inserted"},
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, config.OnFailure, config.OnHeld)
			u := w.unitOf("sync.rooms", test.outcome, func(u *run.UnitResult, s *run.SyncResult) { u.PlanID = "p1"; test.change(u, s) })
			result := w.result(u)
			units := unitsFor(w.cfg, w.notifier, result)
			j := judge{notifier: w.notifier, memory: w.memory, now: w.now}
			for i := range units {
				j.unit(t.Context(), &units[i])
			}
			o := w.options()
			o.Program = "registrar --chdir '/etc/the registrar'"
			m := compose(w.cfg, w.notifier, result, units, o)
			c := m.Units[0].Commands
			if got := c.Show + ", " + c.Approve + ", " + c.Rest; got != test.want {
				t.Errorf("the commands are %s", got)
			}
			text := m.page().text()
			for _, want := range test.has {
				if !strings.Contains(text, want) {
					t.Errorf("%q is not in\n%s", want, text)
				}
			}
			for _, unwanted := range test.not {
				if strings.Contains(text, unwanted) {
					t.Errorf("%q is in\n%s", unwanted, text)
				}
			}
		})
	}
}
