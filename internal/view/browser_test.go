package view_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
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
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

var shots = flag.String("shots", "", "a folder for pictures of the page, to be looked at")

// chromium returns the path of a browser, or ends the test where there is none.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const require = "REGISTRAR_TEST_REQUIRE"
	required := strings.FieldsFunc(os.Getenv(require), func(r rune) bool { return r == ',' || r == ' ' })
	if slices.Contains(required, "chromium") {
		t.Fatalf("no Chromium on this machine, and %s demands one; scripts/install-engines installs it", require)
	}
	t.Skip("no Chromium on this machine; scripts/install-engines installs it")
	return ""
}

// browser is a tab of a Chromium that the test started, what it asked for and what it complained about.
type browser struct {
	ctx context.Context

	mu                   sync.Mutex
	complaints, requests []string
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("no-first-run", true), chromedp.Flag("no-proxy-server", true),
	)
	allocator, cancelAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator, chromedp.WithErrorf(t.Logf))
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx) // waits until the browser is gone, so that its folder can be
		cancel()
		cancelAllocator()
	})
	b := &browser{ctx: ctx}
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
		if !strings.HasPrefix(e.Request.URL, "data:,") {
			b.requests = append(b.requests, e.Request.URL)
		}
	case *page.EventJavascriptDialogOpening:
		b.complaints = append(b.complaints, "dialog: "+e.Message)
	case *runtime.EventConsoleAPICalled:
		b.complaints = append(b.complaints, "console: "+string(e.Type))
	case *runtime.EventExceptionThrown:
		b.complaints = append(b.complaints, "exception: "+e.ExceptionDetails.Text)
	case *log.EventEntryAdded: // violations of the content security policy are among them
		b.complaints = append(b.complaints, "log: "+e.Entry.Text)
	}
}

func (b *browser) run(t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 2*time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

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

func evaluate[T any](t *testing.T, b *browser, expression string) T {
	t.Helper()
	return ask(t, b, chromedp.Evaluate[T](expression))
}

// colours asks the page for its light or its dark ones.
func colours(scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	})
}

func scripting(off bool) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: off})
		return err
	})
}

// open shows a plan's page, and fails where anything but the file was asked for, or the browser complains.
func (b *browser) open(t *testing.T, p *plan.Plan, changes view.Changes, o view.ReviewOptions, width int64) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "plan.html")
	if err := os.WriteFile(file, []byte(document(t, "html", p, changes, o)), 0o600); err != nil {
		t.Fatal(err)
	}
	address := (&url.URL{Scheme: "file", Path: filepath.ToSlash(file)}).String()
	b.run(t, chromedp.EmulateViewport(width, 900), colours("light"), chromedp.Navigate(address))
	t.Cleanup(func() { b.harmless(t, address) })
}

// harmless fails where something else was asked for since the page was opened, or the browser complained.
func (b *browser) harmless(t *testing.T, address string) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.complaints) > 0 {
		t.Errorf("the browser complained: %q", b.complaints)
	}
	if len(b.requests) != 1 || b.requests[0] != address {
		t.Errorf("the page asked for %q, and should only for itself", b.requests)
	}
	b.complaints, b.requests = nil, nil
}

func (b *browser) keep(t *testing.T, name string) {
	t.Helper()
	if *shots == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(*shots, name+".png"), ask(t, b, chromedp.FullScreenshot(100)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// tooWide names what makes the page scroll sideways.
const tooWide = `(() => {
	const page = document.documentElement;
	return page.scrollWidth <= page.clientWidth ? [] : Array.from(document.querySelectorAll("body *"))
		.filter(e => e.getBoundingClientRect().right > page.clientWidth + 0.5 && !e.closest(".scroll")).map(e => e.tagName + " " + e.textContent.trim().slice(0, 30)).slice(0, 5);
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
		if (!walker.currentNode.textContent.trim() || !e.checkVisibility() || ["SCRIPT", "OPTION"].includes(e.tagName)) continue;
		const [a, b] = [light(rgb(getComputedStyle(e).color).slice(0, 3)), light(behind(e))].sort((x, y) => y - x);
		if ((a + 0.05) / (b + 0.05) < 4.5) faint.add(e.tagName + "." + e.className + " " + walker.currentNode.textContent.trim().slice(0, 30));
	}
	return Array.from(faint).slice(0, 5);
})()`

const (
	visible  = `Array.from(document.querySelectorAll("#operations .op")).filter(e => e.checkVisibility()).map(e => e.querySelector("b").textContent + " " + e.querySelector("code").textContent)`
	sections = `Array.from(document.querySelectorAll("#operations .sync")).filter(e => e.checkVisibility()).length`
)

// The page is looked at as people do: wide and narrow, light and dark, with its filters and without scripts.
func TestPageInChromium(t *testing.T) {
	b := newBrowser(t)
	for _, width := range []int64{360, 1280} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			b.open(t, rich(), view.Excerpt(rich()), reviewOptions(), width)
			evaluate[int](t, b, `Array.from(document.querySelectorAll("details"), e => { e.open = true }).length`)
			if wide := evaluate[[]string](t, b, tooWide); len(wide) > 0 {
				t.Errorf("these do not fit: %q", wide)
			}
			background := "getComputedStyle(document.body).backgroundColor"
			light, faint := evaluate[string](t, b, background), evaluate[[]string](t, b, faintTexts)
			b.keep(t, fmt.Sprintf("html-%d-light", width))
			b.run(t, colours("dark"))
			if evaluate[string](t, b, background) == light {
				t.Error("light and dark are the same")
			}
			if faint = append(faint, evaluate[[]string](t, b, faintTexts)...); len(faint) > 0 {
				t.Errorf("some text is hard to read: %q", faint)
			}
			b.keep(t, fmt.Sprintf("html-%d-dark", width))
		})
	}

	t.Run("filters", func(t *testing.T) {
		b.open(t, rich(), view.Excerpt(rich()), reviewOptions(), 1280)
		all := len(rich().Destinations[0].Excerpt)
		set := func(name, label string) {
			t.Helper()
			if !evaluate[bool](t, b, fmt.Sprintf(`(() => {
				const e = document.getElementById("filters").elements.namedItem(%q);
				if (e.tagName === "SELECT") {
					const option = Array.from(e.options).find(o => o.text === %q);
					if (!option) return false;
					e.value = option.value;
				} else e.value = %[2]q;
				e.dispatchEvent(new Event("input", {bubbles: true}));
				return true;
			})()`, name, label)) {
				t.Fatalf("the filter %s has no %q", name, label)
			}
		}
		for _, test := range []struct {
			filters map[string]string
			want    []string
		}{
			{map[string]string{"operation": "purge"}, []string{`- purge "OLD-1"`}},
			{map[string]string{"faculty": "law"}, []string{"- archive (sensitive k7f3q2ab)", "~ update (sensitive m4r8t1xy)"}},
			{map[string]string{"sync": "sync.enrolments", "operation": "insert"}, []string{`+ insert "IN-2", (sensitive)`}},
			{map[string]string{"column": "origin"}, []string{`± adopt "H-7"`}},
			{map[string]string{"column": "name"}, nil}, // there are only unchanged ones
			{map[string]string{"search": " M4R8T1xy mme "}, []string{"~ update (sensitive m4r8t1xy)"}},
			{map[string]string{"search": "nowhere"}, nil},
		} {
			if name := test.filters["column"]; name == "name" {
				if evaluate[bool](t, b, `Array.from(document.getElementById("filters").elements.namedItem("column").options).some(o => o.text === "name")`) {
					t.Error("a column that no operation changes can be asked for")
				}
				continue
			}
			for name, label := range test.filters {
				set(name, label)
			}
			got := evaluate[[]string](t, b, visible)
			if !slices.Equal(got, test.want) && len(got)+len(test.want) > 0 {
				t.Errorf("%v: got %q, want %q", test.filters, got, test.want)
			}
			if said := evaluate[string](t, b, `document.getElementById("status").value`); !strings.HasPrefix(said, fmt.Sprintf("%d of the %d operations", len(test.want), all)) {
				t.Errorf("%v: the page says %q", test.filters, said)
			}
			if n := evaluate[int](t, b, sections); n != min(1, len(test.want)) {
				t.Errorf("%v: %d syncs are shown", test.filters, n)
			}
			evaluate[bool](t, b, `!document.querySelector("#filters button").click()`)
			for range 500 { // the page filters when the form has been reset
				if len(evaluate[[]string](t, b, visible)) == all {
					break
				}
				time.Sleep(10 * time.Millisecond)
			}
			if got := evaluate[[]string](t, b, visible); len(got) != all {
				t.Errorf("after a reset %d operations are shown", len(got))
			}
		}
		evaluate[bool](t, b, `!document.querySelector("[name=search]").focus()`)
		b.run(t, chromedp.KeyEvent("purge"))
		if got := evaluate[[]string](t, b, visible); len(got) != 1 {
			t.Errorf("typing a word shows %q", got)
		}
		b.keep(t, "html-filtered")
	})

	t.Run("keyboard", func(t *testing.T) {
		b.open(t, rich(), view.Excerpt(rich()), reviewOptions(), 1280)
		reached := map[string]bool{}
		for range 24 {
			b.run(t, chromedp.KeyEvent(kb.Tab))
			at := evaluate[[]string](t, b, `(e => [e.name || e.type || e.getAttribute("href") || e.tagName, getComputedStyle(e).outlineStyle])(document.activeElement)`)
			reached[at[0]] = true
			if at[1] == "none" {
				t.Errorf("the focus on %q cannot be seen", at[0])
			}
		}
		for _, name := range []string{"#operations", "search", "faculty", "sync", "operation", "column", "reset", "SUMMARY"} {
			if !reached[name] {
				t.Errorf("the tab key does not reach %s, only %v", name, reached)
			}
		}
		if unnamed := evaluate[int](t, b, `Array.from(document.querySelectorAll("input, select")).filter(e => e.labels.length !== 1).length`); unnamed > 0 {
			t.Errorf("%d controls have no label", unnamed)
		}
	})

	t.Run("without scripts", func(t *testing.T) {
		b.run(t, scripting(true))
		b.open(t, rich(), view.Excerpt(rich()), reviewOptions(), 1280)
		b.run(t, scripting(false))
		if got := evaluate[[]string](t, b, visible); len(got) != len(rich().Destinations[0].Excerpt) {
			t.Errorf("without scripts %d operations are shown", len(got))
		}
		if evaluate[bool](t, b, `document.getElementById("filters").checkVisibility()`) {
			t.Error("without scripts there are filters that do nothing")
		}
	})

	t.Run("hostile", func(t *testing.T) {
		for _, text := range []string{actedUpon, hostile, `"><script>alert(1)</script><img src=x onerror=alert(1)>`, `</style></script><script>alert(1)</script>`, `' onclick=alert(1) {{.}} ${x} javascript:alert(1)`} {
			t.Run("", func(t *testing.T) {
				p := hostileReview(text)
				b.open(t, p, view.Excerpt(p), hostileOptions(text), 1280)
				counts := evaluate[[]int](t, b, `["script", "style", "img, iframe, object, embed, form[action], base, link:not([rel=icon])", "[onclick], [onerror]", "main"].map(s => document.querySelectorAll(s).length)`)
				if !slices.Equal(counts, []int{1, 1, 0, 0, 1}) {
					t.Errorf("%q: scripts, styles, what loads, handlers, pages: %v", text, counts)
				}
				if links := evaluate[[]string](t, b, `Array.from(document.links, a => a.href).filter(h => !h.endsWith("#operations") && !h.startsWith("https://git.example.org/jobs/17"))`); len(links) > 0 {
					t.Errorf("%q: links %q", text, links)
				}
			})
		}
	})

	t.Run("many syncs", func(t *testing.T) {
		p := many()
		b.open(t, p, view.Excerpt(p), view.ReviewOptions{}, 360)
		if wide := evaluate[[]string](t, b, tooWide); len(wide) > 0 {
			t.Errorf("these do not fit: %q", wide)
		}
		if folds := evaluate[int](t, b, `Array.from(document.querySelectorAll("[aria-labelledby=compared] details")).filter(e => e.checkVisibility()).length`); folds != 1 {
			t.Errorf("%d folds stand between the plan's summary and its operations", folds)
		}
	})

	t.Run("large", func(t *testing.T) {
		p, changes := largePlan()
		b.open(t, p, changes, view.ReviewOptions{}, 1280)
		if text := evaluate[string](t, b, `document.querySelector("#operations .quiet").textContent`); !strings.HasPrefix(text, "2,000 of 1,000,010 operations are shown, some of each sync.") {
			t.Errorf("the page says %q", text)
		}
		if n := evaluate[int](t, b, `document.querySelectorAll("#operations .op").length`); n != 2000 {
			t.Errorf("%d operations are on the page", n)
		}
		if n := evaluate[int](t, b, `document.querySelectorAll("#operations .sync:nth-of-type(2) .op").length`); n != 10 {
			t.Errorf("of the small sync %d operations are on the page, want all 10", n)
		}
	})
}

// largePlan has a million operations of one sync, ten of another, each of a thousand characters.
func largePlan() (*plan.Plan, view.Changes) {
	p := example()
	d := &p.Destinations[0]
	d.Syncs[0].Counts = map[config.Operation]int64{config.Delete: 1_000_000}
	d.Syncs = append(d.Syncs, register.SyncSummary{Sync: "sync.small", Source: "source", Destination: d.Address, Table: "t", Counts: map[config.Operation]int64{config.Insert: 10}})
	return p, func(s *register.SyncSummary, visit func(*plan.Change) error) error {
		for i := range s.Total() {
			c := plan.Change{Sync: s.Sync, Operation: config.Insert, Key: key(fmt.Sprint(i)), Columns: []plan.ColumnChange{
				changed("a", text(strings.Repeat("<", 200)), text(strings.Repeat("b", 200))), changed("c", text(strings.Repeat("c", 200)), text("d")),
			}}
			if err := visit(&c); err != nil {
				return err
			}
		}
		return nil
	}
}

// A page keeps within a limit, with a true count; where nothing fits, that is an error.
func TestPageIsCut(t *testing.T) {
	for _, limit := range []int{0, 300_000, 40_000} {
		p, changes := largePlan()
		got := document(t, "html", p, changes, view.ReviewOptions{Limit: limit})
		if bound := max(limit, 1); limit > 0 && len(got) > bound || len(got) > 8<<20 {
			t.Errorf("limit %d: %d octets", limit, len(got))
		}
		shown := strings.Count(got, `<article class="op`)
		if want := fmt.Sprintf("%d of 1,000,010 operations are shown", shown); !strings.Contains(strings.ReplaceAll(got, "2,000 of", "2000 of"), want) || shown == 0 {
			t.Errorf("limit %d: no %q", limit, want)
		}
	}
	var out bytes.Buffer
	if err := view.New(&out, view.Options{}).PlanHTML(example(), view.Excerpt(example()), view.ReviewOptions{Limit: 1000}); err == nil || out.Len() > 0 {
		t.Errorf("error %v, %d octets", err, out.Len())
	}
}
