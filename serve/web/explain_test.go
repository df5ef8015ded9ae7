package web_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/registrar-sync/registrar/serve/web"
)

// asking posts the form of the page.
func asking(t *testing.T, h http.Handler, sync, key string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/explain", strings.NewReader(url.Values{"sync": {sync}, "key": {key}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return do(t, h, r)
}

// Without the option nobody can have a source read.
func TestExplainIsOff(t *testing.T) {
	h := web.New(newWorld(t).options())
	if got := get(t, h, "/explain").Code; got != http.StatusNotFound {
		t.Errorf("the form: %d, want 404", got)
	}
	if got := asking(t, h, "sync.rooms", "R1").Code; got != http.StatusNotFound {
		t.Errorf("a question: %d, want 404", got)
	}
	if body := get(t, h, "/").Body.String(); strings.Contains(body, "explain") {
		t.Error("the page leads to what is not there")
	}
}

func TestExplain(t *testing.T) {
	o := newWorld(t).options()
	var asked []string
	o.Explain = func(ctx context.Context, sync, key string) (string, error) {
		if _, bounded := ctx.Deadline(); !bounded {
			t.Error("an explanation may take for ever")
		}
		asked = append(asked, sync+" "+key)
		if key == "broken" {
			return "", errors.New("there is no <sync>")
		}
		return "sync.rooms  R1\n\nIn step: <b>&\u202e.\n", nil
	}
	h := web.New(o)
	form := get(t, h, "/explain?sync=sync.sites&key=R1")
	if body := form.Body.String(); form.Code != http.StatusOK || !strings.Contains(body, `<form class="ask" method="post" action="./explain">`) || strings.Contains(body, "<pre") {
		t.Errorf("the form: %d\n%s", form.Code, body)
	}
	if len(asked) > 0 {
		t.Errorf("a link alone asked %v", asked)
	}
	got := asking(t, h, "sync.rooms", " R1 ")
	if body := got.Body.String(); got.Code != http.StatusOK || !strings.Contains(body, "In step: &lt;b&gt;&amp;") || strings.Contains(body, "\u202e") || strings.Contains(body, "<script") {
		t.Errorf("the answer: %d\n%s", got.Code, body)
	}
	if got := asking(t, h, "sync.rooms", "broken"); got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), "there is no &lt;sync&gt;") {
		t.Errorf("a mistake: %d\n%s", got.Code, got.Body)
	}
	for _, question := range [][2]string{{"", "R1"}, {"sync.rooms", " "}, {"sync.rooms", strings.Repeat("x", 5000)}} {
		if got := asking(t, h, question[0], question[1]).Code; got != http.StatusBadRequest {
			t.Errorf("%.20q: %d, want 400", question, got)
		}
	}
	if want := "sync.rooms R1, sync.rooms broken"; strings.Join(asked, ", ") != want {
		t.Errorf("it was asked %v, want %s", asked, want)
	}

	// Another site cannot ask with a visitor's session, nor somebody without the token.
	cross := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/explain", strings.NewReader("sync=sync.rooms&key=R1"))
	cross.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	cross.Header.Set("Sec-Fetch-Site", "cross-site")
	if got := do(t, h, cross).Code; got != http.StatusForbidden {
		t.Errorf("from another site: %d, want 403", got)
	}
	o.Token, o.Metrics, o.RefusalDelay = testToken, nil, -1
	if got := asking(t, web.New(o), "sync.rooms", "R1").Code; got != http.StatusUnauthorized {
		t.Errorf("without the token: %d, want 401", got)
	}
}

// One row is explained at a time, for a minute at most.
func TestExplainOneAtATime(t *testing.T) {
	o := newWorld(t).options()
	cfg := o.Config()
	synctest.Test(t, func(t *testing.T) {
		o.Explain = func(ctx context.Context, _, _ string) (string, error) {
			<-ctx.Done()
			return "", ctx.Err()
		}
		h := web.New(web.Options{Store: o.Store, Config: o.Config, Now: time.Now, Explain: o.Explain})
		first := make(chan *httptest.ResponseRecorder)
		go func() { first <- asking(t, h, cfg.Syncs[0].Address, "R1") }()
		synctest.Wait()
		if got := asking(t, h, cfg.Syncs[0].Address, "R2"); got.Code != http.StatusServiceUnavailable || !strings.Contains(got.Body.String(), "Busy") || got.Header().Get("Retry-After") == "" {
			t.Errorf("while another is explained: %d\n%s", got.Code, got.Body)
		}
		begun := time.Now()
		if got := <-first; got.Code != http.StatusGatewayTimeout {
			t.Errorf("what takes too long: %d, want 504", got.Code)
		}
		if took := time.Since(begun); took != time.Minute {
			t.Errorf("it ended after %s, want a minute", took)
		}
	})
}
