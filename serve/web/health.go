package web

import (
	"encoding/json"
	"net/http"
)

// healthz tells that the process lives and answers.
func healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n"))
}

// readiness is what /readyz answers.
type readiness struct {
	Ready  bool   `json:"ready"`
	Reason string `json:"reason,omitempty"`
}

// readyz tells whether slots can be run now. Anyone may ask, so a reason that the service gives is for
// those who may read the page.
func (s *server) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := reading(r)
	defer cancel()
	answer := readiness{Ready: true}
	if _, err := s.o.Store.Replicas(ctx, s.o.Now().Add(-s.o.ReplicaLife)); err != nil {
		s.o.Log.WarnContext(ctx, "not ready: the state cannot be read", "error", err)
		answer = readiness{Reason: "the state cannot be read"}
	} else if s.o.Ready != nil {
		if err := s.o.Ready(ctx); err != nil {
			s.o.Log.WarnContext(ctx, "not ready", "error", err)
			answer = readiness{Reason: "the service is not ready"}
			if s.authorized(r) {
				answer.Reason = clean(err.Error())
			}
		}
	}
	w.Header().Set("Content-Type", "application/json")
	if !answer.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(answer)
}
