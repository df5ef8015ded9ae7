package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
	"github.com/registrar-sync/registrar/run"
	"github.com/registrar-sync/registrar/serve/state"
	"github.com/registrar-sync/registrar/serve/web"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const testToken = "3c9d1f7ab2e4468b9d05c1e2f3a4b5c6"

// addresses are all the pages of a handler.
var addresses = []string{"/", "/runs", "/runs/" + heldRun, "/calendar", "/metrics", "/healthz", "/readyz", "/login"}

func TestOnlyReads(t *testing.T) {
	h := web.New(newWorld(t).options())
	for _, path := range addresses {
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions} {
			if path == "/login" && method == http.MethodPost {
				continue
			}
			w := do(t, h, httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader("x")))
			if w.Code != http.StatusMethodNotAllowed {
				t.Errorf("%s %s: %d, want 405", method, path, w.Code)
			}
			if allow := w.Header().Get("Allow"); !strings.Contains(allow, "GET") {
				t.Errorf("%s %s: Allow is %q", method, path, allow)
			}
		}
	}
}

func TestHeaders(t *testing.T) {
	w := populatedWorld(t)
	h := web.New(w.options())
	for _, path := range append([]string{"/nowhere"}, addresses...) {
		got := get(t, h, path).Header()
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cache-Control": "no-store", "X-Frame-Options": "DENY",
		} {
			if got.Get(name) != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got.Get(name), want)
			}
		}
		policy := got.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none';") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "script-src") {
			t.Errorf("%s: the policy is %q", path, policy)
		}
	}
}

func TestToken(t *testing.T) {
	w := populatedWorld(t)
	o := w.options()
	o.Token = testToken
	h := web.New(o)
	open := map[string]bool{"/healthz": true, "/readyz": true, "/login": true}
	for _, path := range addresses {
		if open[path] {
			if got := get(t, h, path); got.Code != http.StatusOK {
				t.Errorf("%s without a token: %d", path, got.Code)
			}
			continue
		}
		for _, given := range []string{"", "Bearer", "Bearer ", "Bearer " + testToken[1:], "Bearer " + testToken + "x", "Basic " + testToken} {
			got := get(t, h, path, "Authorization", given)
			if got.Code != http.StatusUnauthorized || strings.Contains(got.Body.String(), "sync") {
				t.Errorf("%s with %q: %d, %s", path, given, got.Code, got.Body)
			}
		}
		if got := get(t, h, path, "Authorization", "bearer "+testToken); got.Code != http.StatusOK {
			t.Errorf("%s with the token: %d", path, got.Code)
		}
		if got := get(t, h, path, "Accept", "text/html"); got.Code != http.StatusSeeOther || !strings.Contains(got.Header().Get("Location"), "login?") {
			t.Errorf("%s for a person: %d to %q", path, got.Code, got.Header().Get("Location"))
		}
	}
}

// post sends the login form as a browser does.
func post(t *testing.T, h http.Handler, path string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
	return do(t, h, r, append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)...)
}

func TestSession(t *testing.T) {
	w := newWorld(t)
	o := w.options()
	o.Token = testToken
	h := web.New(o)
	if got := post(t, h, "/login", url.Values{"token": {"wrong"}}); got.Code != http.StatusUnauthorized || len(got.Result().Cookies()) > 0 {
		t.Errorf("a wrong token: %d, %v", got.Code, got.Result().Cookies())
	}
	if got := post(t, h, "/login", url.Values{"token": {testToken}}, "Sec-Fetch-Site", "cross-site"); got.Code != http.StatusForbidden {
		t.Errorf("a form of another site: %d", got.Code)
	}
	got := post(t, h, "/login", url.Values{"token": {testToken}, "next": {"runs"}})
	cookies := got.Result().Cookies()
	if got.Code != http.StatusSeeOther || got.Header().Get("Location") != "./runs" || len(cookies) != 1 {
		t.Fatalf("the token: %d to %q, %d cookies", got.Code, got.Header().Get("Location"), len(cookies))
	}
	if page := get(t, h, "/login").Body.String(); strings.Contains(page, w.config.Digest[:12]) || strings.Contains(page, "0.6.0") {
		t.Error("the login page tells strangers the version or the configuration")
	}
	cookie := cookies[0]
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || cookie.Secure || strings.Contains(cookie.Value, testToken) {
		t.Errorf("the cookie is %v", cookie)
	}
	secure := post(t, h, "/login", url.Values{"token": {testToken}}, "X-Forwarded-Proto", "https").Result().Cookies()
	if !secure[0].Secure {
		t.Error("behind TLS the cookie is not Secure")
	}
	with := func(h http.Handler, value string) int {
		return get(t, h, "/", "Cookie", cookie.Name+"="+value).Code
	}
	if code := with(h, cookie.Value); code != http.StatusOK {
		t.Errorf("with the cookie: %d", code)
	}
	_, proof, _ := strings.Cut(cookie.Value, ".")
	for name, value := range map[string]string{
		"none": "", "the token": testToken, "a later end": "9" + cookie.Value, "cut": cookie.Value[:len(cookie.Value)-1], "no end": "." + proof,
	} {
		if code := with(h, value); code != http.StatusUnauthorized {
			t.Errorf("a forged cookie, %s: %d", name, code)
		}
	}
	other := o
	other.Metrics, other.Token = nil, testToken+"2"
	if code := with(web.New(other), cookie.Value); code != http.StatusUnauthorized {
		t.Errorf("with the cookie of another token: %d", code)
	}
	w.now = w.now.Add(13 * time.Hour)
	if code := with(h, cookie.Value); code != http.StatusUnauthorized {
		t.Errorf("with an old cookie: %d", code)
	}
	if out := post(t, h, "/logout", nil, "Authorization", "Bearer "+testToken).Result().Cookies(); len(out) != 1 || out[0].MaxAge >= 0 {
		t.Errorf("logging out: %v", out)
	}
}

func TestLoginLeadsNowhereElse(t *testing.T) {
	o := newWorld(t).options()
	o.Token = testToken
	h := web.New(o)
	for next, want := range map[string]string{
		"": "./", "runs/abc?unit=x": "./runs/abc?unit=x", "?show=held": "./?show=held", "calendar?week=2026-W48": "./calendar?week=2026-W48",
		"https://elsewhere.example/": "./", "//elsewhere.example": "./", "/\\elsewhere.example": "./", "/runs": "./", "../x": "./",
		"javascript:alert(1)": "./", "runs\\..\\x": "./", "runs\r\nX: y": "./", "metrics": "./", "logout": "./",
	} {
		got := post(t, h, "/login", url.Values{"token": {testToken}, "next": {next}}).Header().Get("Location")
		if got != want {
			t.Errorf("next=%q leads to %q, want %q", next, got, want)
		}
	}
}

func TestHosts(t *testing.T) {
	o := newWorld(t).options()
	o.Loopback, o.Hosts = true, []string{"Status.example.org"}
	h := web.New(o)
	for host, want := range map[string]int{
		"localhost": 200, "localhost:8080": 200, "127.0.0.1:8080": 200, "127.8.8.8": 200, "[::1]:8080": 200, "[::1]": 200, "LOCALHOST.": 200, "status.example.org": 200,
		"elsewhere.example": 421, "elsewhere.example:8080": 421, "localhost.elsewhere.example": 421, "192.0.2.7": 421, "": 421,
	} {
		for _, path := range []string{"/", "/metrics", "/assets/x"} {
			got := get(t, h, path, "Host", host).Code
			if path == "/assets/x" && want == 200 {
				continue
			}
			if got != want {
				t.Errorf("%s at %q: %d, want %d", path, host, got, want)
			}
		}
	}
	o.Loopback, o.Metrics = false, nil
	if got := get(t, web.New(o), "/", "Host", "registrar.example.org").Code; got != http.StatusOK {
		t.Errorf("exposed: %d", got)
	}
}

func TestProbes(t *testing.T) {
	w := newWorld(t)
	o := w.options()
	o.Token = testToken
	h := web.New(o)
	ready := func(headers ...string) (int, map[string]any) {
		got := get(t, h, "/readyz", headers...)
		answer := map[string]any{}
		if err := json.Unmarshal(got.Body.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		return got.Code, answer
	}
	if code, answer := ready(); code != http.StatusOK || answer["ready"] != true {
		t.Errorf("ready: %d, %v", code, answer)
	}
	w.ready = errors.New("no destination can be reached")
	if code, answer := ready(); code != http.StatusServiceUnavailable || answer["ready"] != false || answer["reason"] != "the service is not ready" {
		t.Errorf("not ready, to everyone: %d, %v", code, answer)
	}
	if _, answer := ready("Authorization", "Bearer "+testToken); answer["reason"] != "no destination can be reached" {
		t.Errorf("not ready, to who has the token: %v", answer)
	}
	w.ready = nil
	beat(t, w, "sync-9", "another")
	beat(t, w, "sync-8", "and another")
	if code, _ := ready(); code != http.StatusOK {
		t.Errorf("replicas that differ are not ready: %d", code)
	}
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	if code, answer := ready(); code != http.StatusServiceUnavailable || answer["reason"] != "the state cannot be read" {
		t.Errorf("without the state: %d, %v", code, answer)
	}
	if got := get(t, h, "/healthz"); got.Code != http.StatusOK {
		t.Errorf("without the state the process still lives: %d", got.Code)
	}
	for _, path := range []string{"/", "/runs", "/runs/" + heldRun, "/calendar"} {
		got := get(t, h, path, "Authorization", "Bearer "+testToken)
		if got.Code != http.StatusServiceUnavailable || !strings.Contains(got.Body.String(), "cannot be read") {
			t.Errorf("%s without the state: %d", path, got.Code)
		}
	}
}

func beat(t *testing.T, w *world, host, digest string) {
	t.Helper()
	if err := w.store.Beat(t.Context(), state.Replica{ID: host, Host: host, Version: "0.6.0", ConfigDigest: digest, SeenOn: w.now}); err != nil {
		t.Fatal(err)
	}
}

func TestReplicasThatDiffer(t *testing.T) {
	w := newWorld(t)
	beat(t, w, "sync-1", w.config.Digest)
	h := web.New(w.options())
	if body := get(t, h, "/").Body.String(); strings.Contains(body, "different configurations") {
		t.Error("one replica differs from itself")
	}
	beat(t, w, "sync-2", "ab12cd34ef56ab12")
	if body := get(t, h, "/").Body.String(); !strings.Contains(body, "9f2c61d07be4 on sync-1") || !strings.Contains(body, "ab12cd34ef56 on sync-2") {
		t.Error("the page does not say that replicas differ")
	}
	w.now = w.now.Add(2 * time.Minute)
	if body := get(t, h, "/").Body.String(); strings.Contains(body, "sync-2") {
		t.Error("a replica that has not been seen for two minutes is shown as alive")
	}
}

// TestHostileText: names, messages and values are shown as they are, and do nothing.
func TestHostileText(t *testing.T) {
	const hostile = "<script>alert(1)</script>\u202egnp.exe\x00\x1b[31m\u200b\"'&"
	w := newWorld(t)
	r := w.result("schedule.nightly", w.now.Add(-time.Hour), 1)
	u := &r.Units[0]
	u.Unit, u.Message, u.PlanID, u.Outcome = hostile, hostile, heldPlan, run.Held
	r.StartedBy, r.GitCommit, r.Schedule = hostile, hostile, "schedule."+hostile
	u.Syncs[0].Table, u.Syncs[0].Held = hostile, hostile
	u.Syncs[0].Checks = map[string]int64{hostile: 3}
	u.Syncs[0].Counts = map[config.Operation]int64{config.Update: 1}
	u.Observed = []run.Observation{{Observer: hostile, Sync: hostile, Rows: 1, Keys: []string{hostile}}}
	w.save(t, r)
	w.config.Faculties[2].Name = hostile
	w.config.Schedules[2].Name = hostile
	w.pauses[`sync.rooms["law"]`] = register.Pause{Sync: `sync.rooms["law"]`, PausedOn: w.now, PausedBy: hostile, Reason: hostile}
	cell := plan.Cell{Column: hostile, Text: hostile}
	w.plans[heldPlan] = &plan.Plan{ID: heldPlan, Destinations: []plan.Destination{{
		Syncs: []register.SyncSummary{{Sync: hostile, Counts: map[config.Operation]int64{config.Update: 1}, Rejected: 1, Held: "other " + hostile}},
		Excerpt: []plan.Change{{Sync: hostile, Operation: config.Update, Key: []plan.Cell{cell}, Columns: []plan.ColumnChange{
			{Column: hostile, Before: &cell, After: &cell, Changed: true},
		}}},
		Notices: []plan.Notice{{Sync: hostile, Kind: register.Rejected, Key: []plan.Cell{cell}, Message: hostile}},
	}}}
	beat(t, w, hostile, hostile)
	beat(t, w, "other", "other")
	h := web.New(w.options())
	seen := 0
	for _, path := range []string{"/", "/runs", "/runs/" + r.ID, "/calendar", "/runs/" + r.ID + "?unit=" + url.QueryEscape(hostile), "/?show=" + url.QueryEscape(hostile), "/runs/" + url.PathEscape(hostile), "/calendar?week=" + url.QueryEscape(hostile), "/login?next=" + url.QueryEscape(hostile)} {
		body := get(t, h, path).Body.String()
		for _, bad := range []string{"<script", "\u202e", "\x00", "\x1b", "\u200b"} {
			if strings.Contains(body, bad) {
				t.Errorf("%q holds %q", path, bad)
			}
		}
		seen += strings.Count(body, `&lt;script&gt;alert(1)&lt;/script&gt;\u202egnp.exe`)
	}
	if seen < 20 {
		t.Errorf("the texts are shown %d times only", seen)
	}
}

func TestOverview(t *testing.T) {
	w := populatedWorld(t)
	h := web.New(w.options())
	body := get(t, h, "/").Body.String()
	for _, want := range []string{
		"UFR Humanités et sciences sociales", `sync.staff[&#34;hss&#34;]`, "connection refused", "4 attempts", "last success",
		`registrar apply ` + heldPlan + ` --override &#34;reason&#34;`, "Paused by c.moreau: Rooms are renumbered until Thursday",
		"by hand only", "in 7 min", `datetime="2026-11-25T14:15:00&#43;01:00"`, "6 held back", "not written", "not yet run",
		`aria-label="2,187 insert, 154 update, 9 delete"`, `http-equiv="refresh" content="60"`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the overview lacks %q", want)
		}
	}
	if body := get(t, h, "/?refresh=off").Body.String(); strings.Contains(body, "http-equiv") {
		t.Error("the page refreshes itself though asked not to")
	}
	held := get(t, h, "/?show=held").Body.String()
	if !strings.Contains(held, "sync.students[&#34;sci&#34;]") || strings.Contains(held, "sync.hours") || strings.Contains(held, "c.moreau") {
		t.Error("the filter does not filter")
	}
	if body := get(t, h, "/?show=paused").Body.String(); !strings.Contains(body, "c.moreau") || strings.Contains(body, "sync.staff") {
		t.Error("the filter of paused syncs does not filter")
	}
	// Somebody applies the plan.
	w.applied[heldPlan] = true
	w.now = w.now.Add(time.Minute)
	if body := get(t, h, "/").Body.String(); strings.Contains(body, "registrar apply") || !strings.Contains(body, "decided") {
		t.Error("a plan that was applied is still to be applied")
	}
}

// TestFailedAndPaused: a sync that has failed counts as failed though it was paused since.
func TestFailedAndPaused(t *testing.T) {
	w := populatedWorld(t)
	const failing = `sync.staff["hss"]`
	w.pauses[failing] = register.Pause{Sync: failing, PausedOn: w.now, PausedBy: "c.moreau", Reason: "The database moves"}
	h := web.New(w.options())
	for _, show := range []string{"failed", "paused"} {
		if body := get(t, h, "/?show="+show).Body.String(); !strings.Contains(body, `>sync.staff[&#34;hss&#34;]</a>`) {
			t.Errorf("it is not among the %s", show)
		}
	}
}

func TestPausesThatCannotBeRead(t *testing.T) {
	w := populatedWorld(t)
	o := w.options()
	asked := 0
	o.Pauses = func(context.Context) (map[string]register.Pause, error) {
		asked++
		return w.pauses, errors.New("connect: postgres://registrar:secret@db.example.org")
	}
	h := web.New(o)
	for range 3 {
		body := get(t, h, "/").Body.String()
		if !strings.Contains(body, "a pause may be missing") || !strings.Contains(body, "c.moreau") || strings.Contains(body, "secret") {
			t.Error("the page does not say what it knows of pauses")
		}
	}
	if asked != 1 {
		t.Errorf("the registers were asked %d times within a moment", asked)
	}
	if strings.Contains(get(t, h, "/metrics").Body.String(), "registrar_paused_syncs ") {
		t.Error("a number of pauses is given that nobody knows")
	}
}

// listed are the ids of the runs that a page of the history has, in its order.
func listed(body string) []string {
	var ids []string
	for _, match := range regexp.MustCompile(`href="\./runs/([0-9a-f-]{36})[?"]`).FindAllStringSubmatch(body, -1) {
		ids = append(ids, match[1])
	}
	return ids
}

// older is the address of the next page of the history; "" on the last one.
func older(body string) string {
	match := regexp.MustCompile(`href="\.(/runs[^"]*)" rel="next"`).FindStringSubmatch(body)
	if match == nil {
		return ""
	}
	return html.UnescapeString(match[1])
}

func TestRuns(t *testing.T) {
	w := populatedWorld(t)
	h := web.New(w.options())
	all, err := w.store.Runs(t.Context(), 10000)
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for i := range all {
		want = append(want, all[i].ID)
	}
	pages := 0
	for path := "/runs"; path != ""; pages++ {
		body := get(t, h, path).Body.String()
		page := listed(body)
		if path = older(body); path != "" && len(page) != 100 || strings.Contains(body, ">Latest<") != (pages > 0) {
			t.Errorf("page %d has %d runs, and leads to %q", pages, len(page), path)
		}
		got = append(got, page...)
	}
	if pages < 2 || !slices.Equal(got, want) {
		t.Errorf("%d pages list %d runs, of %d", pages, len(got), len(want))
	}
	if n := len(listed(get(t, h, "/runs?outcome=failed").Body.String())); n != 5 {
		t.Errorf("%d failed runs are listed, want 5", n)
	}
	if n := len(listed(get(t, h, "/runs?outcome=nonsense").Body.String())); n != 100 {
		t.Error("an unknown outcome filters")
	}
	// A day begins at midnight of the page's zone.
	tuesday := listed(get(t, h, "/runs?before=2026-11-25").Body.String())
	first, err := w.store.Run(t.Context(), tuesday[0])
	if err != nil || first.StartedOn.In(w.now.Location()).Format("2 15:04") != "24 20:00" {
		t.Errorf("the latest run of Tuesday is %v, %v", first.StartedOn, err)
	}
	if got := get(t, h, "/runs?before=yesterday"); got.Code != http.StatusBadRequest {
		t.Errorf("a moment that is none: %d", got.Code)
	}
}

// The history of a sync or of a faculty tells how these ended, whatever became of others in the same runs.
func TestRunsOfASync(t *testing.T) {
	w := populatedWorld(t)
	h := web.New(w.options())
	ask := func(query url.Values) string { return get(t, h, "/runs?"+query.Encode()).Body.String() }

	overview := get(t, h, "/").Body.String()
	link := regexp.MustCompile(`href="\.(/runs\?sync=[^"]*)"[^>]*>sync\.staff\[&#34;hss&#34;\]<`).FindStringSubmatch(overview)
	if link == nil {
		t.Fatal("the overview does not lead to the runs of a sync")
	}
	body := get(t, h, html.UnescapeString(link[1])).Body.String()
	if ids := listed(body); len(ids) != 100 || ids[0] != failedRun || !strings.Contains(body, "connection refused") || !strings.Contains(body, "?unit=sync.staff") {
		t.Errorf("the runs of a sync are %d, %v", len(ids), ids[:1])
	}
	if ids := listed(ask(url.Values{"sync": {`sync.staff["hss"]`}, "outcome": {"failed"}})); len(ids) != 5 || ids[0] != failedRun {
		t.Errorf("it has failed in %v", ids)
	}
	// Another sync failed in that run; this one did not.
	if ids := listed(ask(url.Values{"sync": {`sync.courses["hss"]`}, "outcome": {"failed"}})); len(ids) != 0 {
		t.Errorf("a sync failed in %v, which were others'", ids)
	}
	if body := ask(url.Values{"sync": {`sync.courses["hss"]`}}); strings.Contains(body, "connection refused") || !slices.Contains(listed(body), failedRun) {
		t.Error("the runs of a sync tell what became of another")
	}
	if ids := listed(ask(url.Values{"sync": {"sync.students"}, "outcome": {"held"}})); !slices.Equal(ids, []string{heldRun}) {
		t.Errorf("the instances of a sync were held in %v", ids)
	}
	if body := ask(url.Values{"faculty": {"sci"}}); len(listed(body)) != 21 || strings.Contains(body, "working_hours") {
		t.Errorf("a faculty has %d runs", len(listed(body)))
	}
	if body := ask(url.Values{"faculty": {"nowhere"}}); len(listed(body)) != 0 || !strings.Contains(body, "no such run") {
		t.Error("a faculty that is not has runs")
	}
	// What leads on keeps to what was chosen.
	next := older(ask(url.Values{"sync": {`sync.rooms["hss"]`}, "outcome": {"paused"}}))
	u, err := url.Parse(next)
	if err != nil || u.Query().Get("sync") != `sync.rooms["hss"]` || u.Query().Get("outcome") != "paused" || u.Query().Get("before") == "" {
		t.Errorf("the next page is %s, %v", next, err)
	}
	if ids := listed(get(t, h, next).Body.String()); len(ids) == 0 || slices.Contains(ids, failedRun) {
		t.Errorf("the next page has %d runs", len(ids))
	}
}

// A run that has not ended is not one that had nothing to do.
func TestRunsThatHaveNotEnded(t *testing.T) {
	w := newWorld(t)
	slot := w.now.Truncate(time.Minute)
	w.hold(t, "schedule.nightly", slot)
	begun := func(id string, slot time.Time) {
		r := w.result("schedule.nightly", slot, 0)
		r.ID, r.Units, r.EndedOn = id, nil, time.Time{}
		w.save(t, r)
	}
	const killed = "11111111-0000-4000-8000-000000000000"
	begun(runningRun, slot)
	begun(killed, time.Date(2026, 11, 24, 2, 30, 0, 0, w.now.Location()))
	h := web.New(w.options())
	for path, want := range map[string][]string{
		"/runs":                     {"running", "18 s so far", "did not end in order"},
		"/runs?outcome=running":     {"18 s so far"},
		"/runs?outcome=interrupted": {"did not end in order"},
		"/runs/" + runningRun:       {"running", "18 s so far", "The run is under way"},
		"/runs/" + killed:           {"did not end in order", "did not come to its end here"},
		"/calendar":                 {"running", "did not end in order"},
		"/runs?" + url.Values{"sync": {`sync.rooms["law"]`}}.Encode(): {"18 s so far"},
	} {
		body := get(t, h, path).Body.String()
		for _, text := range want {
			if !strings.Contains(body, text) {
				t.Errorf("%s lacks %q", path, text)
			}
		}
		for _, text := range []string{"nothing to run", "nothing to do", "0 s<", "0 units"} {
			if strings.Contains(body, text) {
				t.Errorf("%s has %q", path, text)
			}
		}
	}
	for path, want := range map[string][]string{
		"/runs?outcome=running": {runningRun}, "/runs?outcome=interrupted": {killed},
		"/runs?" + url.Values{"sync": {`sync.rooms["sci"]`}}.Encode(): nil,
	} {
		if ids := listed(get(t, h, path).Body.String()); !slices.Equal(ids, want) {
			t.Errorf("%s lists %v, want %v", path, ids, want)
		}
	}
}

// A destination that does not answer costs the page one wait, and neither the state nor what others answer.
func TestSilentDestination(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := populatedWorld(t)
		o := w.options()
		o.Pauses = func(ctx context.Context) (map[string]register.Pause, error) {
			<-ctx.Done()
			return w.pauses, ctx.Err()
		}
		o.Awaiting = func(ctx context.Context, _ []string) (map[string]bool, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		h := web.New(o)
		began := time.Now()
		got := get(t, h, "/")
		if body := got.Body.String(); got.Code != http.StatusOK || !strings.Contains(body, "a pause may be missing") || !strings.Contains(body, "c.moreau") || !strings.Contains(body, "last success") {
			t.Errorf("%d\n%s", got.Code, body)
		}
		if took := time.Since(began); took != 5*time.Second {
			t.Errorf("the page took %s", took)
		}
		if got := scrape(t, h); got["registrar_state_reachable"] != "1" || got[`registrar_held_plans{faculty="sci"}`] != "1" {
			t.Errorf("the metrics say %v", got)
		}
	})
}

// Guessing is slow, however many guess, and keeps nobody who has the token from the page.
func TestWrongTokensWait(t *testing.T) {
	w := newWorld(t)
	synctest.Test(t, func(t *testing.T) {
		o := w.options()
		o.Token, o.RefusalDelay = testToken, time.Second
		h := web.New(o)
		took := func(f func()) time.Duration {
			began := time.Now()
			f()
			return time.Since(began)
		}
		session := post(t, h, "/login", url.Values{"token": {testToken}}).Result().Cookies()[0]
		for name, one := range map[string]struct {
			ask  func()
			want time.Duration
		}{
			"no token":          {func() { get(t, h, "/runs/x") }, 0},
			"a wrong token":     {func() { get(t, h, "/calendar", "Authorization", "Bearer wrong") }, time.Second},
			"a wrong session":   {func() { get(t, h, "/login", "Cookie", session.Name+"=1.0") }, time.Second},
			"a wrong login":     {func() { post(t, h, "/login", url.Values{"token": {"wrong"}}) }, time.Second},
			"the right token":   {func() { get(t, h, "/login", "Authorization", "Bearer "+testToken) }, 0},
			"the right session": {func() { get(t, h, "/login", "Cookie", session.Name+"="+session.Value) }, 0},
		} {
			if got := took(one.ask); got != one.want {
				t.Errorf("%s takes %s, want %s", name, got, one.want)
			}
		}
		// Four at a time; the others wait for their turn, but not for ever.
		var guesses sync.WaitGroup
		answered := make([]time.Duration, 40)
		for i := range answered {
			guesses.Go(func() { answered[i] = took(func() { get(t, h, "/", "Authorization", "Bearer wrong") }) })
		}
		synctest.Wait()
		if got := took(func() { get(t, h, "/login", "Authorization", "Bearer "+testToken) }); got != 0 {
			t.Errorf("the right token waits for %s", got)
		}
		guesses.Wait()
		slices.Sort(answered)
		if answered[3] != time.Second || answered[4] != 2*time.Second || answered[39] != 5*time.Second {
			t.Errorf("the guesses were answered after %v", answered)
		}
	})
}

func TestRun(t *testing.T) {
	w := populatedWorld(t)
	h := web.New(w.options())
	path := "/runs/" + heldRun
	body := get(t, h, path).Body.String()
	for _, want := range []string{
		"showing 10 of 441 operations", "Show 40 more (the other 391: registrar show " + heldPlan + ")", "not written: 8 insert, 21 update, 412 archive",
		"&#34;ENROLLED&#34;", "(known at apply)", "(sensitive)", "rejected: 2", "email: the address is empty", "held back: 6 delete", "on schedule",
		"(code &#34;L2INFO&#34;)", "1 unchanged column hidden", "registrar apply " + heldPlan, "The rows of this plan cannot be read now",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the run lacks %q", want)
		}
	}
	if n := strings.Count(body, "412 of 5,230"); n != 1 {
		t.Errorf("why it is held is said %d times", n)
	}
	w.plans[heldPlan].Destinations[0].Syncs[0].Blocked = "3 rows are referred to"
	if body := get(t, h, path).Body.String(); strings.Contains(body, "registrar apply") || !strings.Contains(body, "No override helps") {
		t.Error("a command is shown that cannot work")
	}
	w.plans[heldPlan].Destinations[0].Syncs[0].Blocked = ""
	w.now = w.now.Add(100 * time.Hour)
	if body := get(t, h, path).Body.String(); strings.Contains(body, "registrar apply") || !strings.Contains(body, "has expired") {
		t.Error("a command is shown for a plan that has expired")
	}
	if got := get(t, h, "/runs/none"); got.Code != http.StatusNotFound {
		t.Errorf("a run that is not: %d", got.Code)
	}
	if got := get(t, h, path+"?unit=none"); got.Code != http.StatusNotFound {
		t.Errorf("a unit that is not: %d", got.Code)
	}
	o := w.options()
	o.Plan, o.Metrics = nil, nil
	if body := get(t, web.New(o), path).Body.String(); strings.Contains(body, "ENROLLED") || strings.Contains(body, "cannot be read now") {
		t.Error("rows are shown, or missed, by a page that shows none")
	}
}

// TestRunOfManyPlans: a page does not ask the registers for dozens of plans.
func TestRunOfManyPlans(t *testing.T) {
	w := newWorld(t)
	r := w.result("schedule.nightly", w.now.Add(-time.Hour), 1)
	one := r.Units[0]
	r.Units = nil
	for i := range 12 {
		u := one
		u.Unit, u.PlanID = "unit "+string(rune('a'+i)), heldPlan
		u.Syncs = []run.SyncResult{one.Syncs[0]}
		u.Syncs[0].Counts = map[config.Operation]int64{config.Insert: 1}
		r.Units = append(r.Units, u)
	}
	w.save(t, r)
	w.plans[heldPlan] = heldPlanOf(w)
	o := w.options()
	var asked atomic.Int64 // several at the same time
	read := o.Plan
	o.Plan = func(ctx context.Context, id string) (*plan.Plan, error) {
		asked.Add(1)
		return read(ctx, id)
	}
	h := web.New(o)
	body := get(t, h, "/runs/"+r.ID).Body.String()
	if asked.Load() != 8 || !strings.Contains(body, "?unit=unit%20l") {
		t.Errorf("%d plans were read", asked.Load())
	}
	asked.Store(0)
	if body := get(t, h, "/runs/"+r.ID+"?unit=unit+l").Body.String(); asked.Load() != 1 || strings.Contains(body, "unit a") {
		t.Errorf("for one unit %d plans were read", asked.Load())
	}
}

func TestCalendar(t *testing.T) {
	w := populatedWorld(t)
	h := web.New(w.options())
	body := get(t, h, "/calendar").Body.String()
	for _, want := range []string{
		"23 – 29 November 2026", "2026-W47", "2026-W49", "working_hours: 56 slots, 06:00–19:45: ", "5 skipped", "23 to come", "4 missed", "4 failed", "1 held",
		"exception &#34;weekly optimisation&#34;", "Wed 25 Nov 14:15 CET · to come", "./runs/" + failedRun, "12:00–13:00 · exception", `class="now"`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the calendar lacks %q", want)
		}
	}
	// The last Sundays of October and of March.
	body = get(t, h, "/calendar?week=2026-W43").Body.String()
	if !strings.Contains(body, "25 h long: at 03:00 the clocks go back by 1 h") || strings.Contains(body, `class="now"`) {
		t.Error("the day of 25 hours is not shown as one")
	}
	body = get(t, h, "/calendar?week=2027-W12").Body.String()
	if !strings.Contains(body, "23 h long: at 02:00 the clocks go forward by 1 h") || !strings.Contains(body, "Thu 25 Mar 02:30 CET · to come") {
		t.Error("the day of 23 hours is not shown as one")
	}
	for _, bad := range []string{"2026-W54", "2026-W00", "2025-W53", "26-W1", "2026-W48x", "1999-W10", "2200-W10", "-026-W48", "2026-48"} {
		if got := get(t, h, "/calendar?week="+bad); got.Code != http.StatusBadRequest {
			t.Errorf("week %s: %d", bad, got.Code)
		}
	}
	if got := get(t, h, "/calendar?week=2026-W53"); got.Code != http.StatusOK {
		t.Errorf("2026 has 53 weeks: %d", got.Code)
	}
}

func TestLinksAreRelative(t *testing.T) {
	w := populatedWorld(t)
	outer := http.NewServeMux()
	outer.Handle("/registrar/", http.StripPrefix("/registrar", web.New(w.options())))
	for _, path := range []string{"/", "/runs", "/runs/" + heldRun, "/calendar", "/runs/none"} {
		at, err := url.Parse("/registrar" + path)
		if err != nil {
			t.Fatal(err)
		}
		body := get(t, outer, at.Path).Body.String()
		for _, attribute := range []string{`href="`, `action="`} {
			for _, rest := range strings.Split(body, attribute)[1:] {
				link, _, _ := strings.Cut(rest, `"`)
				to, err := at.Parse(strings.ReplaceAll(link, "&amp;", "&"))
				if err != nil || !strings.HasPrefix(to.Path, "/registrar/") || to.Host != "" {
					t.Fatalf("%s links to %s", at, link)
				}
				if strings.Contains(to.Path, "assets/") {
					if got := get(t, outer, to.Path); got.Code != http.StatusOK || got.Header().Get("Cache-Control") == "no-store" {
						t.Errorf("%s: %d", to, got.Code)
					}
				}
			}
		}
	}
}
