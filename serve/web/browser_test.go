package web_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/registrar-sync/registrar/run"
	"github.com/registrar-sync/registrar/serve/web"
)

const envRequire = "REGISTRAR_TEST_REQUIRE"

var (
	update = flag.Bool("update", false, "make docs/images/status.png again")
	shots  = flag.String("shots", "", "a folder for a picture of each page, to be looked at")
)

// chromium returns the path of a browser, or ends the test where there is none.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	required := strings.FieldsFunc(os.Getenv(envRequire), func(r rune) bool { return r == ',' || r == ' ' })
	if slices.Contains(required, "chromium") {
		t.Fatalf("no Chromium on this machine, and %s demands one; scripts/install-engines installs it", envRequire)
	}
	t.Skip("no Chromium on this machine; scripts/install-engines installs it")
	return ""
}

// browser is a tab of a Chromium that the test started, and what it complained about.
type browser struct {
	ctx    context.Context
	server string // the only host that it may ask

	mu         sync.Mutex
	complaints []string
	requests   int
}

func newBrowser(t *testing.T, server string) *browser {
	t.Helper()
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("no-first-run", true),
		chromedp.Flag("no-proxy-server", true),
	)
	allocator, cancelAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator, chromedp.WithErrorf(t.Logf))
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx) // waits until the browser is gone, so that its folder can be
		cancel()
		cancelAllocator()
	})
	b := &browser{ctx: ctx, server: server}
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return b
}

func (b *browser) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests++
		if u, err := url.Parse(e.Request.URL); err != nil || u.Scheme+"://"+u.Host != b.server {
			b.complaints = append(b.complaints, "request to elsewhere: "+e.Request.URL)
		}
	case *network.EventResponseReceived:
		if e.Response.Status >= http.StatusBadRequest && e.Response.Status != http.StatusUnauthorized {
			b.complaints = append(b.complaints, fmt.Sprintf("%d for %s", e.Response.Status, e.Response.URL))
		}
	case *runtime.EventConsoleAPICalled:
		b.complaints = append(b.complaints, "console: "+string(e.Type))
	case *runtime.EventExceptionThrown:
		b.complaints = append(b.complaints, "exception: "+e.ExceptionDetails.Text)
	case *log.EventEntryAdded: // violations of the content security policy are among them
		if !strings.Contains(e.Entry.Text, "401") {
			b.complaints = append(b.complaints, "log: "+e.Entry.Text)
		}
	}
}

// complained returns what the browser complained about since it was asked last.
func (b *browser) complained() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := b.complaints
	b.complaints = nil
	return all
}

func (b *browser) run(t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 2*time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// open shows a page at a width, in its light colours.
func (b *browser) open(t *testing.T, path string, width int64) {
	t.Helper()
	b.run(t, viewport(width, 800), colours("light"), chromedp.Navigate(b.server+path))
}

func viewport(width, height int64) chromedp.Action[chromedp.Void] {
	if width < 600 {
		return chromedp.EmulateViewport(width, height, chromedp.EmulateMobile)
	}
	return chromedp.EmulateViewport(width, height)
}

// colours asks pages for their light or their dark ones.
func colours(scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	})
}

// evaluate returns what an expression gives in the page that is open.
func evaluate[T any](t *testing.T, b *browser, expression string) T {
	t.Helper()
	return ask(t, b, chromedp.Evaluate[T](expression))
}

// ask runs an action that returns something.
func ask[T any](t *testing.T, b *browser, action chromedp.Action[T]) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 2*time.Minute)
	defer cancel()
	result, err := chromedp.Run(ctx, action)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func (b *browser) text(t *testing.T) string {
	t.Helper()
	return evaluate[string](t, b, "document.body.innerText")
}

// keep writes a picture of the whole page where somebody asked for it.
func (b *browser) keep(t *testing.T, name string) {
	t.Helper()
	if *shots == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(*shots, name+".png"), ask(t, b, chromedp.FullScreenshot(100)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestInChromium looks at each page as people do: in a browser, wide and narrow, light and dark.
func TestInChromium(t *testing.T) {
	w := populatedWorld(t)
	w.hold(t, "schedule.nightly", w.now.Truncate(time.Minute))
	server := httptest.NewServer(loopback(w.options()))
	t.Cleanup(server.Close)
	b := newBrowser(t, server.URL)

	pages := []struct{ name, path, see string }{
		{"overview", "/", "Needs attention"},
		{"held", "/?show=held", "registrar apply " + heldPlan + ` --override "reason"`},
		{"runs", "/runs", "working_hours"},
		{"failed", "/runs?outcome=failed", "connection refused"},
		{"run", "/runs/" + heldRun, "showing 10 of 441 operations"},
		{"calendar", "/calendar?week=2026-W48", "weekly optimisation"},
		{"autumn", "/calendar?week=2026-W43", "25 h long: at 03:00 the clocks go back by 1 h"},
		{"absent", "/runs?outcome=done", "no such run"},
	}
	for _, p := range pages {
		t.Run(p.name, func(t *testing.T) {
			for _, width := range []int64{360, 768, 1024, 1280} {
				b.open(t, p.path, width)
				if overflow := evaluate[[]string](t, b, tooWide); len(overflow) > 0 {
					t.Errorf("at %d px these do not fit: %q", width, overflow)
				}
				if text := evaluate[string](t, b, "document.body.textContent"); !strings.Contains(text, p.see) {
					t.Errorf("%s lacks %q", p.path, p.see)
				}
				b.keep(t, fmt.Sprintf("%s-%d-light", p.name, width))
				if width == 768 || width == 1024 {
					continue // as wide, but for the lines
				}
				light := evaluate[[]string](t, b, faintTexts)
				before := evaluate[string](t, b, background)
				b.run(t, colours("dark"))
				if after := evaluate[string](t, b, background); after == before {
					t.Errorf("at %d px the page is %s in both light and dark", width, after)
				}
				if dark := evaluate[[]string](t, b, faintTexts); len(light)+len(dark) > 0 {
					t.Errorf("at %d px some text is hard to read: in light %q, in dark %q", width, light, dark)
				}
				b.keep(t, fmt.Sprintf("%s-%d-dark", p.name, width))
			}
			if complaints := b.complained(); len(complaints) > 0 {
				t.Errorf("the browser complained: %q", complaints)
			}
		})
	}

	t.Run("counts", func(t *testing.T) {
		b.open(t, "/", 1280)
		counts := evaluate[string](t, b, `Array.from(document.querySelectorAll(".strip li")).map(e => e.innerText.replace(/\s+/g, " ").trim()).join("; ")`)
		if want := "1 failed; 1 held; 1 paused; 3 running; 13 syncs in all"; counts != want {
			t.Errorf("the summary says %q, want %q", counts, want)
		}
		if text := b.text(t); !strings.Contains(text, "registrar resume 'sync.rooms[\"hss\"]'") || !strings.Contains(text, "+8 ~21 −412") {
			t.Errorf("the overview lacks a command or counts:\n%s", text)
		}
	})

	t.Run("keyboard", func(t *testing.T) {
		b.open(t, "/", 1280)
		reached := map[string]bool{}
		for range 12 {
			b.run(t, chromedp.KeyEvent(kb.Tab))
			at := evaluate[[]string](t, b, `[document.activeElement.getAttribute("href") || "", getComputedStyle(document.activeElement).outlineStyle]`)
			reached[at[0]] = true
			if at[1] == "none" {
				t.Errorf("the focus on %q cannot be seen", at[0])
			}
		}
		for _, href := range []string{"#main", "./runs", "./calendar", "./?show=held"} {
			if !reached[href] {
				t.Errorf("the tab key does not reach %s, only %v", href, reached)
			}
		}
	})

	t.Run("long names", func(t *testing.T) {
		long := strings.Repeat("unfaculteobscurement", 6)
		w := populatedWorld(t)
		w.config.Faculties[0].Name, w.config.Schedules[0].Name = long, long
		w.config.Syncs[2].Destination.Table, w.config.Syncs[2].Address = long, "sync."+long
		r := w.result("schedule.nightly", w.now.Add(-time.Minute), 9003)
		r.StartedBy = long
		u := &r.Units[0]
		u.Unit, u.Faculty, u.Outcome, u.Message, u.PlanID = long, long, run.Failed, long, heldPlan
		u.Syncs[0].Table, u.Syncs[0].Checks = long, map[string]int64{long: 12}
		w.save(t, r)
		change := &w.plans[heldPlan].Destinations[0].Excerpt[0]
		change.Key[0].Text, change.Columns[0].Column, change.Columns[2].After.Text = long, long, long
		server := httptest.NewServer(loopback(w.options()))
		t.Cleanup(server.Close)
		b.visit(server.URL)
		for _, path := range []string{"/", "/runs", "/runs/" + r.ID, "/calendar", "/runs/" + heldRun} {
			for _, width := range []int64{360, 768, 1280} {
				b.open(t, path, width)
				if wide := evaluate[[]string](t, b, tooWide); len(wide) > 0 {
					t.Errorf("%s at %d px: these do not fit: %q", path, width, wide)
				}
			}
		}
	})

	t.Run("login", func(t *testing.T) {
		o := w.options()
		o.Token, o.Metrics = testToken, nil
		server := httptest.NewServer(loopback(o))
		defer server.Close()
		b.logIn(t, server.URL)
	})

	if *update {
		b.run(t, viewport(1180, 938), colours("light"), chromedp.Navigate(server.URL+"/"))
		path := filepath.Join("..", "..", "docs", "images", "status.png")
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, small(t, ask(t, b, chromedp.CaptureScreenshot())), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
}

// background is the page's colour.
const background = "getComputedStyle(document.body).backgroundColor"

// tooWide names the elements that make the page scroll sideways, and the cells that run into the next.
const tooWide = `(() => {
	const page = document.documentElement;
	const name = e => e.tagName + "." + (e.getAttribute("class") || "") + " " + e.textContent.trim().slice(0, 30);
	const cells = Array.from(document.querySelectorAll("tbody td, tbody th")).filter(e =>
		Array.from(e.querySelectorAll(":not(.hidden)")).some(c => c.getBoundingClientRect().right > e.getBoundingClientRect().right + 0.5));
	const wide = page.scrollWidth <= page.clientWidth ? [] :
		Array.from(document.querySelectorAll("body *")).filter(e => e.getBoundingClientRect().right > page.clientWidth + 0.5);
	return wide.concat(cells).map(name).slice(0, 5);
})()`

// faintTexts names the texts whose contrast with what is behind them is less than 4.5.
const faintTexts = `(() => {
	const rgb = c => (c.match(/[\d.]+/g) || []).map(Number);
	const light = c => { const [r, g, b] = c.map(v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4 }); return 0.2126 * r + 0.7152 * g + 0.0722 * b };
	const behind = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] > 0) return c.slice(0, 3) } return [255, 255, 255] };
	const faint = new Set();
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walker.nextNode()) {
		const e = walker.currentNode.parentElement;
		if (!walker.currentNode.textContent.trim() || !e.offsetParent) continue;
		const a = light(rgb(getComputedStyle(e).color).slice(0, 3)), b = light(behind(e));
		const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (contrast < 4.5) faint.add(e.className + ": " + walker.currentNode.textContent.trim() + " " + contrast.toFixed(2));
	}
	return Array.from(faint);
})()`

func loopback(o web.Options) http.Handler {
	o.Loopback = true
	return web.New(o)
}

// small encodes a picture anew, as small as PNG can.
func small(t *testing.T, content []byte) []byte {
	t.Helper()
	picture, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, picture); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// visit makes another server the only one that may be asked.
func (b *browser) visit(server string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.server = server
}

// logIn logs in as a person does, and out again.
func (b *browser) logIn(t *testing.T, server string) {
	t.Helper()
	b.visit(server)
	b.open(t, "/runs/"+heldRun, 360)
	if text := b.text(t); strings.Contains(text, "sync.") {
		t.Fatalf("seen without a token:\n%s", text)
	}
	b.run(t, chromedp.SendKeys(chromedp.CSS("#token"), "not the token"+kb.Enter), chromedp.WaitVisible(chromedp.CSS("[role=alert]")))
	b.keep(t, "login")
	if overflow := evaluate[[]string](t, b, tooWide); len(overflow) > 0 {
		t.Errorf("on the login page these do not fit: %q", overflow)
	}
	b.run(t, chromedp.SendKeys(chromedp.CSS("#token"), testToken+kb.Enter), chromedp.WaitVisible(chromedp.CSS(".diff")))
	if text := b.text(t); !strings.Contains(text, heldPlan) {
		t.Errorf("the page that was asked for did not come after the login:\n%s", text)
	}
	if visible := evaluate[string](t, b, "document.cookie"); visible != "" {
		t.Error("scripts see the cookie")
	}
	b.run(t, chromedp.Click(chromedp.CSS(".logout button")), chromedp.WaitVisible(chromedp.CSS("#token")))
	b.open(t, "/", 360)
	if text := b.text(t); !strings.Contains(text, "Token") {
		t.Errorf("seen after logging out:\n%s", text)
	}
	if complaints := b.complained(); len(complaints) > 0 {
		t.Errorf("the browser complained: %q", complaints)
	}
}
