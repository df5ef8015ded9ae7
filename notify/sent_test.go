package notify

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/run"
)

// TestSentIsTold: whoever counts messages learns of each, and of none that was not to be sent.
func TestSentIsTold(t *testing.T) {
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(status) }))
	defer server.Close()
	w := newWorld(t, config.OnFailure)
	w.notifier.Webhook = &config.Webhook{URL: server.URL, Format: "json", Timeout: 10 * time.Second}
	var sent, failed int
	o := w.options()
	o.Sent = func(notifier string, err error) {
		switch {
		case notifier != w.notifier.Address:
			t.Errorf("told of %q", notifier)
		case err != nil:
			failed++
		default:
			sent++
		}
	}
	tell := func(outcome run.Outcome) {
		_ = Run(t.Context(), w.cfg, w.result(w.unitOf("sync.rooms", outcome)), o)
		w.now = w.now.Add(25 * time.Hour)
	}
	tell(run.Applied)
	if sent != 0 || failed != 0 {
		t.Errorf("without a message: %d sent, %d failed", sent, failed)
	}
	tell(run.Failed)
	status = http.StatusBadRequest
	tell(run.Failed)
	if sent != 1 || failed != 1 {
		t.Errorf("%d sent, %d failed, want one of each", sent, failed)
	}
}
