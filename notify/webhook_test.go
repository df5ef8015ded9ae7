package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/run"
)

const (
	hookPath    = "/hooks/hOOkPaTh9"
	headerValue = "Bearer hEaDeR5"
)

// call is a request that a webhook got.
type call struct {
	method, path string
	header       http.Header
	body         []byte
}

// receiver is a web server whose answers are given.
type receiver struct {
	*httptest.Server
	mu    sync.Mutex
	calls []call
}

func (r *receiver) got() []call {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]call(nil), r.calls...)
}

// receive answers the nth call, from 0.
func receive(t *testing.T, answer func(n int, w http.ResponseWriter, q *http.Request)) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, err := io.ReadAll(q.Body)
		if err != nil {
			t.Error(err)
		}
		r.mu.Lock()
		n := len(r.calls)
		r.calls = append(r.calls, call{q.Method, q.URL.RequestURI(), q.Header.Clone(), body})
		r.mu.Unlock()
		if answer != nil {
			answer(n, w, q)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

// hooking makes the world's notifier one that calls a server.
func (w *world) hooking(url string, format config.WebhookFormat) *delivery {
	w.notifier.Webhook = &config.Webhook{
		URL: url + hookPath + "?token=hOOkPaTh9", Format: format, Timeout: 10 * time.Second,
		Headers: map[string]string{"Authorization": headerValue},
	}
	d := newDelivery(w.options())
	d.wait = time.Millisecond
	return d
}

func TestWebhooks(t *testing.T) {
	for _, format := range []config.WebhookFormat{config.WebhookJSON, config.WebhookMattermost, config.WebhookSlack, config.WebhookRocketChat} {
		t.Run(string(format), func(t *testing.T) {
			w := newWorld(t, config.Events[:6]...)
			r := receive(t, nil)
			d := w.hooking(r.URL, format)
			d.options.StatusURL = "https://registrar.example.org"
			w.mustTell(d, w.nightly())
			calls := r.got()
			if len(calls) != 1 {
				t.Fatalf("%d calls", len(calls))
			}
			c := calls[0]
			if c.method != http.MethodPost || c.path != hookPath+"?token=hOOkPaTh9" || c.header.Get("User-Agent") != "registrar/0.6.0" ||
				c.header.Get("Content-Type") != "application/json; charset=utf-8" || c.header.Get("Authorization") != headerValue {
				t.Errorf("%s %s %v", c.method, c.path, c.header)
			}
			if format == config.WebhookJSON {
				var out bytes.Buffer
				if err := json.Indent(&out, c.body, "", "  "); err != nil {
					t.Fatal(err)
				}
				golden(t, "webhook.json", out.String())
				return
			}
			var chat map[string]string
			if err := json.Unmarshal(c.body, &chat); err != nil || len(chat) != 1 {
				t.Fatalf("%v: %s", err, c.body)
			}
			golden(t, string(format)+".md", chat["text"])
		})
	}
}

// Nobody in a channel is called, and nothing is made bold or a link, by what a database said.
func TestChatsAreNotCalled(t *testing.T) {
	for _, format := range []config.WebhookFormat{config.WebhookMattermost, config.WebhookSlack, config.WebhookRocketChat} {
		w := newWorld(t, config.OnFailure)
		w.cfg.Faculties[0].Name = "@all <!here> **UFR** [x](http://evil.example.org)"
		result := w.result(w.unitOf(`sync.students["hss"]`, run.Failed, func(u *run.UnitResult, _ *run.SyncResult) {
			u.Message = "```\n@channel <!channel> <https://evil.example.org|click>"
			u.Attempts = 2
		}))
		units := unitsFor(w.cfg, w.notifier, result)
		units[0].events = []config.Event{config.OnFailure}
		d := dialectOf(format)
		text := d.render(compose(w.cfg, w.notifier, result, units, w.options()).page())
		// What stands between code fences is shown as it is; what is left must call nobody.
		outside := ""
		for i, part := range strings.Split(text, "```") {
			if i%2 == 0 {
				outside += part
			}
		}
		if strings.Count(text, "```") != 2 {
			t.Errorf("%s: the message ends its own code: %s", format, text)
		}
		if format == config.WebhookSlack {
			outside = text
		}
		for _, no := range map[config.WebhookFormat][]string{
			config.WebhookMattermost: {"@all", "@channel", "**UFR**", "[x]("}, config.WebhookRocketChat: {"@all", "@channel", "[x]("}, config.WebhookSlack: {"<!", "<https://evil"},
		}[format] {
			if strings.Contains(outside, no) {
				t.Errorf("%s: %q in %s", format, no, outside)
			}
		}
	}
}

// A message that is too long says so, and ends between its parts.
func TestChatsAreCut(t *testing.T) {
	for format, most := range map[config.WebhookFormat]int{config.WebhookMattermost: 16383, config.WebhookSlack: 40000, config.WebhookRocketChat: 5000} {
		w := newWorld(t, config.OnFailure)
		var units []run.UnitResult
		for range 90 {
			units = append(units, w.unitOf("sync.rooms", run.Failed, func(u *run.UnitResult, _ *run.SyncResult) { u.Message = strings.Repeat("é<", 400) }))
		}
		result := w.result(units...)
		told := unitsFor(w.cfg, w.notifier, result)
		for i := range told {
			told[i].events = []config.Event{config.OnFailure}
		}
		text := dialectOf(format).render(compose(w.cfg, w.notifier, result, told, w.options()).page())
		if n := utf8.RuneCountInString(text); n > most || n < most-5000 {
			t.Errorf("%s: %d characters", format, n)
		}
		if !strings.HasSuffix(text, "This message was cut: it is too long for this server.\n") || strings.Count(text, "```")%2 != 0 {
			t.Errorf("%s: it ends with %q", format, text[len(text)-200:])
		}
	}
}

func TestWebhookIsTriedAgain(t *testing.T) {
	for name, answer := range map[string]func(n int, w http.ResponseWriter, q *http.Request){
		"500": func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"429": func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) },
		"429 soon": func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(429)
		},
		"a date gone by": func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", start.Add(-time.Hour).Format(http.TimeFormat))
			w.WriteHeader(http.StatusServiceUnavailable)
		},
		"broken": func(_ int, w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_ = conn.Close()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, config.OnFailure)
			r := receive(t, func(n int, w http.ResponseWriter, q *http.Request) {
				if n < 2 {
					answer(n, w, q)
				}
			})
			w.mustTell(w.hooking(r.URL, config.WebhookJSON), w.result(w.unitOf("sync.rooms", run.Failed)))
			calls := r.got()
			if len(calls) != 3 || !bytes.Equal(calls[0].body, calls[2].body) {
				t.Errorf("%d calls", len(calls))
			}
			w.noSecret(w.logged.String())

			w = newWorld(t, config.OnFailure)
			r = receive(t, answer)
			w.failsToTell(w.hooking(r.URL, config.WebhookJSON), "the webhook at 127.0.0.1:")
			if n := len(r.got()); n != attempts {
				t.Errorf("%d calls", n)
			}
		})
	}
}

func TestWebhookIsNotTriedAgain(t *testing.T) {
	for name, tc := range map[string]struct {
		answer func(w http.ResponseWriter)
		want   string
	}{
		"400":           {func(w http.ResponseWriter) { w.WriteHeader(http.StatusBadRequest) }, "answers 400 Bad Request"},
		"404":           {func(w http.ResponseWriter) { w.WriteHeader(http.StatusNotFound) }, "answers 404 Not Found"},
		"much too late": {func(w http.ResponseWriter) { w.Header().Set("Retry-After", "61"); w.WriteHeader(503) }, "asks for patience"},
		"a date too late": {func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", start.Add(time.Hour).Format(http.TimeFormat))
			w.WriteHeader(http.StatusTooManyRequests)
		}, "asks for patience"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, config.OnFailure)
			r := receive(t, func(_ int, w http.ResponseWriter, q *http.Request) {
				// As a careless server would: it repeats what it was sent.
				w.Header().Set("X-Token", headerValue)
				tc.answer(w)
				_, _ = fmt.Fprint(w, q.URL, q.Header)
			})
			w.failsToTell(w.hooking(r.URL, config.WebhookJSON), tc.want)
			if n := len(r.got()); n != 1 {
				t.Errorf("%d calls", n)
			}
		})
	}
}

// A server that never answers ends at the timeout; one that trickles its answer does not hold either.
func TestHangingWebhook(t *testing.T) {
	for name, begin := range map[string]bool{"silent": false, "trickling": true} {
		t.Run(name, func(t *testing.T) {
			over := make(chan struct{})
			r := receive(t, func(_ int, w http.ResponseWriter, q *http.Request) {
				if begin {
					w.WriteHeader(http.StatusOK)
					_ = http.NewResponseController(w).Flush()
				}
				select {
				case <-over:
				case <-q.Context().Done():
				}
			})
			defer close(over)
			w := newWorld(t, config.OnFailure)
			d := w.hooking(r.URL, config.WebhookJSON)
			w.notifier.Webhook.Timeout = 20 * time.Millisecond
			if begin {
				w.mustTell(d, w.result(w.unitOf("sync.rooms", run.Failed))) // it said 200
				return
			}
			w.failsToTell(d, "did not answer within 20ms")
			if n := len(r.got()); n != attempts {
				t.Errorf("%d calls", n)
			}
			// The run's own end comes first.
			w.notifier.Webhook.Timeout = time.Minute
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			if err := d.run(ctx, w.cfg, w.result(w.unitOf("sync.rooms", run.Failed))); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

func TestWebhookRedirects(t *testing.T) {
	elsewhere := receive(t, nil)
	for name, tc := range map[string]struct {
		code   int
		to     string
		follow bool
	}{
		"here":                {http.StatusTemporaryRedirect, "/hooks/new", true},
		"here for good":       {http.StatusPermanentRedirect, "/hooks/new", true},
		"here, losing it":     {http.StatusFound, "/hooks/new", false},
		"elsewhere":           {http.StatusTemporaryRedirect, elsewhere.URL + "/hooks/new", false},
		"elsewhere for good":  {http.StatusPermanentRedirect, elsewhere.URL, false},
		"in a circle":         {http.StatusTemporaryRedirect, hookPath, false},
		"to another protocol": {http.StatusTemporaryRedirect, "https://127.0.0.1:1/x", false},
		"without an address":  {http.StatusTemporaryRedirect, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, config.OnFailure)
			r := receive(t, func(_ int, w http.ResponseWriter, q *http.Request) {
				if q.URL.Path == hookPath {
					if tc.to != "" {
						w.Header().Set("Location", tc.to)
					}
					w.WriteHeader(tc.code)
				}
			})
			d := w.hooking(r.URL, config.WebhookJSON)
			if !tc.follow {
				w.failsToTell(d, "the webhook at 127.0.0.1:")
				return
			}
			w.mustTell(d, w.result(w.unitOf("sync.rooms", run.Failed)))
			if calls := r.got(); len(calls) != 2 || calls[1].path != "/hooks/new" || !bytes.Equal(calls[0].body, calls[1].body) {
				t.Errorf("%+v", calls)
			}
		})
	}
	if calls := elsewhere.got(); len(calls) > 0 {
		t.Errorf("another server was called: %+v", calls)
	}
}

// The same server is the same way to it, too.
func TestRedirectKeepsTheEncryption(t *testing.T) {
	request := func(url string) *http.Request {
		q, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		return q
	}
	before := []*http.Request{request("https://chat.example.org/a")}
	for url, follow := range map[string]bool{
		"https://chat.example.org/b": true, "http://chat.example.org/b": false, "https://chat.example.org:8443/b": false, "https://evil.example.org/b": false,
	} {
		if err := stay(request(url), before); (err == nil) != follow {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestWebhookCannotBeReached(t *testing.T) {
	w := newWorld(t, config.OnFailure)
	r := receive(t, nil)
	d := w.hooking(r.URL, config.WebhookSlack)
	r.Close()
	w.failsToTell(d, "cannot be reached")
	w = newWorld(t, config.OnFailure)
	w.failsToTell(w.hooking("http://u:hOOkPaTh9@127.0.0.1:1", config.WebhookSlack), "cannot be reached")
}

func TestUntrustedWebhook(t *testing.T) {
	r := httptest.NewUnstartedServer(http.NotFoundHandler())
	r.Config.ErrorLog = nil
	r.StartTLS()
	t.Cleanup(r.Close)
	w := newWorld(t, config.OnFailure)
	d := w.hooking(r.URL, config.WebhookJSON)
	w.failsToTell(d, "certificate")
	// With the authority known it is an answer like any other.
	_, d.options.RootCAs = certificate(t)
	if !d.options.RootCAs.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: r.Certificate().Raw})) {
		t.Fatal("no certificate")
	}
	w.failsToTell(d, "answers 404")
}

// Notifiers do not wait for each other, nor hide each other's failures.
func TestSeveralNotifiers(t *testing.T) {
	w := newWorld(t, config.OnFailure)
	good, broken := receive(t, nil), receive(t, func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) })
	d := w.hooking(broken.URL, config.WebhookJSON)
	second, none := *w.notifier, *w.notifier
	second.Address, second.Webhook = "notify.webhook.second", &config.Webhook{URL: good.URL, Format: config.WebhookJSON, Timeout: time.Second}
	none.Address, none.Webhook = "notify.webhook.none", nil
	w.cfg.Notifiers = append(w.cfg.Notifiers, &second, &none)
	w.cfg.Syncs[2].Notify = w.cfg.Notifiers
	err := d.run(t.Context(), w.cfg, w.result(w.unitOf("sync.rooms", run.Failed)))
	if err == nil || !strings.Contains(err.Error(), "notify.webhook.chat: ") || !strings.Contains(err.Error(), "notify.webhook.none: ") || strings.Contains(err.Error(), "second") {
		t.Errorf("the error is %v", err)
	}
	if len(good.got()) != 1 || len(broken.got()) != 1 {
		t.Errorf("%d and %d calls", len(good.got()), len(broken.got()))
	}
	if err := Run(t.Context(), w.cfg, nil, w.options()); err == nil {
		t.Error("no run is no error")
	}
}

func TestTestMessage(t *testing.T) {
	w := newWorld(t, config.OnFailure)
	r := receive(t, nil)
	w.hooking(r.URL, config.WebhookJSON)
	o := w.options()
	o.Memory = nil
	if err := Test(t.Context(), w.cfg, w.notifier, "0197a000-0000-7000-8000-00000000abcd", o); err != nil {
		t.Fatal(err)
	}
	w.notifier.Webhook.Format = config.WebhookMattermost
	if err := Test(t.Context(), w.cfg, w.notifier, "0197a000-0000-7000-8000-00000000abcd", o); err != nil {
		t.Fatal(err)
	}
	calls := r.got()
	want := `{"version":1,"kind":"test","notifier":"notify.webhook.chat","registrar_version":"0.6.0","summary":"test message of notify.webhook.chat","run":{"id":"0197a000-0000-7000-8000-00000000abcd"},"units":[]}` + "\n"
	if diff := cmp.Diff(want, string(calls[0].body)); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(string(calls[1].body), "This is a test") {
		t.Errorf("%s", calls[1].body)
	}
	if len(w.memory.said) > 0 {
		t.Error("a test is remembered")
	}
}

// docs/notifications.md shows what is really sent.
func TestDocumentation(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join("..", "docs", "notifications.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"mail.txt", "webhook.json"} {
		want, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		if len(want) == 0 || !bytes.Contains(doc, want) {
			t.Errorf("docs/notifications.md does not have testdata/%s as it is", name)
		}
	}
	for _, e := range config.Events {
		if !bytes.Contains(doc, fmt.Appendf(nil, "\n| `%s` | ", e)) {
			t.Errorf("docs/notifications.md does not explain %s", e)
		}
	}
}
