package register_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"testing"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/register"
)

// specifiedEffects are as docs/register.md says them.
func specifiedEffects(operations string, hooks [][3]string, files []string) string {
	var out []byte
	number := func(n int) { out = binary.BigEndian.AppendUint64(out, uint64(n)) }
	text := func(s string) {
		number(len(s))
		out = append(out, s...)
	}
	text("registrar effects 1")
	text(operations)
	number(len(hooks))
	for _, hook := range hooks {
		text(hook[0])
		text(hook[1])
		text(hook[2])
	}
	number(len(files))
	for _, file := range files {
		text(file)
	}
	sum := sha256.Sum256(out)
	return hex.EncodeToString(sum[:])
}

// Effects are the operations, the hooks and what publishing changes, and nothing else.
func TestEffects(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		operations := w.digest("p", 1, []operationRow{
			{"sync.a", "room", "insert", `{"code": "1"}`, "", `{"name": "x"}`},
			{"sync.a", "room", "insert", `{"code": "2"}`, "", `{"name": "y"}`},
			{"sync.b", "desk", "delete", `{"code": "1"}`, `{"name": "x"}`, ""},
		})
		syncs := func(change func(a, b *register.SyncSummary)) []register.SyncSummary {
			list := []register.SyncSummary{
				{Sync: "sync.a", Table: "room", Counts: map[config.Operation]int64{config.Insert: 2, config.Update: 0}},
				{Sync: "sync.b", Table: "desk", Counts: map[config.Operation]int64{config.Delete: 1}},
			}
			change(&list[0], &list[1])
			return list
		}
		effects := func(change func(a, b *register.SyncSummary), files ...string) (string, error) {
			return w.r.Effects(w.Context(), w.conn, "p", syncs(change), files)
		}
		if got, err := effects(func(a, _ *register.SyncSummary) { a.Faculty, a.Held, a.SourceRows = "SCI", "it is much", 3 }); err != nil || got != operations {
			t.Errorf("operations alone: %s, %v, want their digest %s", got, err, operations)
		}
		one, two := register.Hook{When: "before_apply", SQL: "one"}, register.Hook{When: "after_apply", SQL: "two"}
		both := func(a, b *register.SyncSummary) { a.Hooks, b.Hooks = []register.Hook{one}, []register.Hook{two} }
		want := specifiedEffects(operations, [][3]string{{"sync.a", "before_apply", "one"}, {"sync.b", "after_apply", "two"}}, []string{"f", "g"})
		if got, err := effects(both, "f", "g"); err != nil || got != want {
			t.Errorf("effects are %s, %v, want what the documentation says: %s", got, err, want)
		}
		seen := map[string]string{operations: "operations alone", want: "all"}
		differs := func(what string, change func(a, b *register.SyncSummary), files ...string) {
			t.Helper()
			got, err := effects(change, files...)
			w.must(err)
			if other := seen[got]; other != "" {
				t.Errorf("%s: as %s", what, other)
			}
			seen[got] = what
		}
		differs("no files", both)
		differs("one file", both, "fg")
		differs("files in another order", both, "g", "f")
		differs("files alone", func(_, _ *register.SyncSummary) {}, "f", "g")
		differs("hooks of one sync", func(a, _ *register.SyncSummary) { a.Hooks = []register.Hook{one, two} }, "f", "g")
		differs("in another order", func(a, _ *register.SyncSummary) { a.Hooks = []register.Hook{two, one} }, "f", "g")
		differs("one less", func(a, _ *register.SyncSummary) { a.Hooks = []register.Hook{one} }, "f", "g")
		differs("at another time", func(a, b *register.SyncSummary) {
			both(a, b)
			b.Hooks = []register.Hook{{When: "before_apply", SQL: "two"}}
		}, "f", "g")
		differs("another statement", func(a, b *register.SyncSummary) {
			both(a, b)
			b.Hooks = []register.Hook{{When: "after_apply", SQL: "too"}}
		}, "f", "g")

		for what, change := range map[string]func(a, b *register.SyncSummary){
			"one less":      func(a, _ *register.SyncSummary) { a.Counts[config.Insert] = 1 },
			"none":          func(a, _ *register.SyncSummary) { a.Counts = nil },
			"more":          func(_, b *register.SyncSummary) { b.Counts[config.Update] = 1 },
			"another table": func(_, b *register.SyncSummary) { b.Table = "room" },
			"another sync":  func(_, b *register.SyncSummary) { b.Sync = "sync.c" },
		} {
			if _, err := effects(change); !errors.Is(err, register.ErrUncounted) {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}
