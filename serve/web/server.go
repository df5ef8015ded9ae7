package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/register"
)

//go:embed templates assets
var files embed.FS

// readTimeout bounds what a page reads of the state and the registers.
const readTimeout = 10 * time.Second

type server struct {
	o     Options
	pages map[string]*template.Template
	// style and icon are the names of the assets, which change with their content: browsers may keep them.
	style, icon string
	assets      map[string]asset

	pauses   cached[map[string]register.Pause]
	awaiting cached[map[string]bool]
	next     nextSlots
	success  successes
	refusing chan struct{} // has a place for each refusal that is delayed
	// explaining has one place.
	explaining chan struct{}
}

type asset struct {
	content   []byte
	mediaType string
}

func newServer(o Options) *server {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Metrics == nil {
		o.Metrics = NewMetrics()
	}
	if o.RefusalDelay == 0 {
		o.RefusalDelay = 250 * time.Millisecond
	}
	if o.ReplicaLife == 0 {
		o.ReplicaLife = time.Minute
	}
	s := &server{o: o, pages: map[string]*template.Template{}, assets: map[string]asset{}, refusing: make(chan struct{}, refusals), explaining: make(chan struct{}, 1)}
	s.style = s.addAsset("style", "css", "text/css; charset=utf-8")
	s.icon = s.addAsset("icon", "svg", "image/svg+xml")
	layout := template.Must(template.New("layout").ParseFS(files, "templates/layout.html", "templates/parts.html"))
	for _, name := range []string{"overview", "runs", "run", "calendar", "explain", "login", "problem"} {
		page := template.Must(layout.Clone())
		s.pages[name] = template.Must(page.ParseFS(files, "templates/"+name+".html"))
	}
	return s
}

// addAsset returns the name under which the file is served.
func (s *server) addAsset(name, extension, mediaType string) string {
	content, err := fs.ReadFile(files, "assets/"+name+"."+extension)
	if err != nil {
		panic(err) // embedded by the compiler
	}
	sum := sha256.Sum256(content)
	hashed := name + "." + hex.EncodeToString(sum[:8]) + "." + extension
	s.assets[hashed] = asset{content: content, mediaType: mediaType}
	return hashed
}

func (s *server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.overview)
	mux.HandleFunc("GET /runs", s.runs)
	mux.HandleFunc("GET /runs/{id}", s.run)
	mux.HandleFunc("GET /calendar", s.calendar)
	if s.o.Explain != nil {
		mux.HandleFunc("GET /explain", s.explainForm)
		mux.Handle("POST /explain", http.NewCrossOriginProtection().Handler(http.HandlerFunc(s.explain)))
	}
	mux.Handle("GET /metrics", s.metricsHandler())
	mux.HandleFunc("GET /healthz", healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.HandleFunc("GET /assets/{name}", s.asset)
	mux.HandleFunc("GET /login", s.loginPage)
	mux.Handle("POST /login", http.NewCrossOriginProtection().Handler(http.HandlerFunc(s.login)))
	mux.Handle("POST /logout", http.NewCrossOriginProtection().Handler(http.HandlerFunc(s.logout)))
	return s.guarded(mux)
}

// guarded adds the headers of every answer, and lets in who may.
func (s *server) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		// Not "no-referrer": browsers would then send the login form without its origin.
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("X-Robots-Tag", "noindex, nofollow")
		h.Set("Cache-Control", "no-store")
		switch {
		case !s.hostAllowed(r.Host):
			http.Error(w, "This name is not one by which this server is reached.", http.StatusMisdirectedRequest)
		case !isOpen(r.URL.Path) && !s.authorized(r):
			s.refuse(w, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func (s *server) asset(w http.ResponseWriter, r *http.Request) {
	a, found := s.assets[r.PathValue("name")]
	if !found {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", a.mediaType)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(a.content)
}

// page is what every page shows.
type page struct {
	Title string
	// Root leads from the page to the overview.
	Root        string
	Current     string // of the navigation
	Style, Icon string
	Version     string
	Digest      string
	Zone        string
	Now         moment
	// Refresh is in seconds; 0: never.
	Refresh int
	Logout  bool
	// Explains: there is a page that explains rows.
	Explains bool
	// Anonymous: nobody knows yet who reads.
	Anonymous bool
	Warnings  []string
}

// page is for a page that is depth folders below the overview.
func (s *server) page(title, current string, depth int) page {
	root := "./"
	if depth > 0 {
		root = strings.Repeat("../", depth)
	}
	cfg := s.o.Config()
	now := s.o.Now()
	zone := zone(cfg)
	return page{
		Title: title, Root: root, Current: current, Style: s.style, Icon: s.icon, Version: s.o.Version, Digest: shortDigest(cfg.Digest),
		Zone: zoneName(now.In(zone)), Now: clock{now: now, zone: zone}.moment(now), Logout: s.o.Token != "", Explains: s.o.Explain != nil,
	}
}

// render writes a page. What was read for it may hold characters that cannot be seen or that turn
// the text around them: they become escapes, wherever they stand.
func (s *server) render(w http.ResponseWriter, r *http.Request, status int, name string, data any) {
	var out bytes.Buffer
	if err := s.pages[name].ExecuteTemplate(&out, "layout", data); err != nil {
		s.o.Log.ErrorContext(r.Context(), "the page could not be made", "page", name, "error", err)
		http.Error(w, "The page could not be made.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(clean(out.String())))
}

type problemPage struct {
	page
	Text string
}

// problem shows why there is no page.
func (s *server) problem(w http.ResponseWriter, r *http.Request, status, depth int, text string) {
	p := problemPage{page: s.page(http.StatusText(status), "", depth), Text: text}
	s.render(w, r, status, "problem", p)
}

// unavailable tells the log why, and the reader that it is so.
func (s *server) unavailable(w http.ResponseWriter, r *http.Request, depth int, err error) {
	if r.Context().Err() != nil {
		return // nobody waits any more
	}
	s.o.Log.ErrorContext(r.Context(), "the state could not be read for the status page", "error", err)
	s.problem(w, r, http.StatusServiceUnavailable, depth, "The service's state cannot be read now. The log says why.")
}

// reading bounds the reads of a request.
func reading(r *http.Request) (context.Context, context.CancelFunc) {
	return context.WithTimeout(r.Context(), readTimeout)
}

func shortDigest(digest string) string {
	const shown = 12
	return digest[:min(shown, len(digest))]
}

func zoneName(t time.Time) string {
	name := t.Location().String()
	if name == "UTC" {
		return name
	}
	return fmt.Sprintf("%s (%s)", name, t.Format("UTC-07:00"))
}
