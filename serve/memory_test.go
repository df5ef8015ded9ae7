package serve_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/notify"
	"github.com/registrar-sync/registrar/serve"
	"github.com/registrar-sync/registrar/serve/state"
)

// What a notification remembers is there for the next process.
func TestMemory(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state.db")
	at := time.Date(2026, 9, 1, 2, 30, 0, 0, time.UTC)
	want := notify.Said{State: "failed", Since: at, SentOn: at.Add(time.Minute), Suppressed: 3}
	for try := range 2 {
		store, err := state.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		memory := serve.Memory{Store: store}
		if try == 0 {
			if never, err := memory.Last(t.Context(), "notify.email.a", "sync.rooms"); err != nil || never != (notify.Said{}) {
				t.Errorf("before anything was said: %+v, %v", never, err)
			}
			if err := memory.Remember(t.Context(), "notify.email.a", "sync.rooms", want); err != nil {
				t.Error(err)
			}
		}
		got, err := memory.Last(t.Context(), "notify.email.a", "sync.rooms")
		if err != nil || got.State != want.State || !got.Since.Equal(want.Since) || !got.SentOn.Equal(want.SentOn) || got.Suppressed != want.Suppressed {
			t.Errorf("said was %+v, %v; want %+v", got, err, want)
		}
		if other, err := memory.Last(t.Context(), "notify.email.b", "sync.rooms"); err != nil || other.State != "" {
			t.Errorf("another notifier was told %+v, %v", other, err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}
}
