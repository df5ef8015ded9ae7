package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"
)

const (
	// explainTimeout bounds one explanation, which reads sources.
	explainTimeout = 60 * time.Second
	// maxKey bounds the key that is asked for, in octets.
	maxKey = 4 << 10
)

type explainPage struct {
	page
	Syncs     []string // the addresses of the instances
	Sync, Key string   // as asked for
	Text      string   // the explanation; "" before one was asked for
	Problem   string
}

// explainForm shows the form alone: a link explains nothing, since that reads a source.
func (s *server) explainForm(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusOK, "explain", s.explainPage(r.URL.Query().Get("sync"), ""))
}

func (s *server) explainPage(sync, key string) explainPage {
	p := explainPage{page: s.page("Explain", "explain", 0), Sync: sync, Key: key}
	for _, one := range s.o.Config().Syncs {
		p.Syncs = append(p.Syncs, one.Address)
	}
	return p
}

// explain explains a key. One explanation goes on at a time: each reads the sources as a plan does. The key comes in the body, so that
// it is in nobody's log of addresses.
func (s *server) explain(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "The form cannot be read.", http.StatusBadRequest)
		return
	}
	p := s.explainPage(r.PostForm.Get("sync"), strings.TrimSpace(r.PostForm.Get("key")))
	if p.Sync == "" || p.Key == "" || len(p.Key) > maxKey {
		p.Problem = "Give a sync and a key."
		s.render(w, r, http.StatusBadRequest, "explain", p)
		return
	}
	select {
	case s.explaining <- struct{}{}:
		defer func() { <-s.explaining }()
	default:
		w.Header().Set("Retry-After", "10")
		p.Problem = "Busy: another row is being explained. Try again in a moment."
		s.render(w, r, http.StatusServiceUnavailable, "explain", p)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), explainTimeout)
	defer cancel()
	code := http.StatusOK
	var err error
	if p.Text, err = s.o.Explain(ctx, p.Sync, p.Key); err != nil {
		if r.Context().Err() != nil {
			return // nobody waits any more
		}
		code, p.Problem = http.StatusUnprocessableEntity, err.Error()
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			code, p.Problem = http.StatusGatewayTimeout, "The sources took longer than "+explainTimeout.String()+": ask registrar explain."
		}
	}
	s.render(w, r, code, "explain", p)
}
