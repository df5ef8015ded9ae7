package web

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	cookieName = "registrar_session"
	// sessionLife is how long a login lasts.
	sessionLife = 12 * time.Hour
	// maxForm bounds the login form, in octets.
	maxForm = 16 << 10
)

// isOpen reports whether a path asks for no token: probes have none, and a login page must be seen.
func isOpen(path string) bool {
	return path == "/healthz" || path == "/readyz" || path == "/login" || strings.HasPrefix(path, "/assets/")
}

// hostAllowed keeps a page elsewhere, whose name its owner points at 127.0.0.1, from reading this one
// with the visitor's browser.
func (s *server) hostAllowed(host string) bool {
	if !s.o.Loopback {
		return true
	}
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"), "."))
	if address, err := netip.ParseAddr(host); err == nil && address.IsLoopback() {
		return true
	}
	return host == "localhost" || slices.ContainsFunc(s.o.Hosts, func(h string) bool { return strings.EqualFold(h, host) })
}

// authorized reports whether a request may read the page. It takes a while to say so of a wrong token or session.
func (s *server) authorized(r *http.Request) bool {
	if s.o.Token == "" {
		return true
	}
	right, given := false, true
	if scheme, token, found := strings.Cut(r.Header.Get("Authorization"), " "); found && strings.EqualFold(scheme, "Bearer") {
		right = s.isToken(strings.TrimSpace(token))
	} else if cookie, err := r.Cookie(cookieName); err == nil {
		right = s.isSession(cookie.Value)
	} else {
		given = false
	}
	if given && !right {
		s.delayRefusal(r.Context())
	}
	return right
}

const (
	// refusals is how many wrong tokens wait for their answer at a time; the others wait for their turn, but no longer than
	// refusalWait.
	refusals    = 4
	refusalWait = 5 * time.Second
)

// delayRefusal makes guessing slow, however many guess at a time. Who gives the right token waits for nobody.
func (s *server) delayRefusal(ctx context.Context) {
	if s.o.RefusalDelay < 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, refusalWait)
	defer cancel()
	select {
	case s.refusing <- struct{}{}:
		defer func() { <-s.refusing }()
	case <-ctx.Done():
		return
	}
	timer := time.NewTimer(s.o.RefusalDelay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// isToken takes as long whatever it is given.
func (s *server) isToken(given string) bool {
	want, got := sha256.Sum256([]byte(s.o.Token)), sha256.Sum256([]byte(given))
	return subtle.ConstantTimeCompare(want[:], got[:]) == 1
}

// session is the value of a cookie: when it ends, and a proof that only the token's owner can make. Every
// replica knows it, and a new token ends all sessions.
func (s *server) session(end time.Time) string {
	text := strconv.FormatInt(end.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(s.o.Token))
	mac.Write([]byte("registrar status page session " + text))
	return text + "." + hex.EncodeToString(mac.Sum(nil))
}

func (s *server) isSession(value string) bool {
	text, _, _ := strings.Cut(value, ".")
	unix, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return false
	}
	end := time.Unix(unix, 0)
	return hmac.Equal([]byte(value), []byte(s.session(end))) && s.o.Now().Before(end)
}

// refuse sends a reader to the login page, and tells a program what it lacks.
func (s *server) refuse(w http.ResponseWriter, r *http.Request) {
	if (r.Method == http.MethodGet || r.Method == http.MethodHead) && strings.Contains(r.Header.Get("Accept"), "text/html") {
		back := strings.TrimPrefix(r.URL.RequestURI(), "/")
		redirect(w, upTo(r.URL.Path)+"login?"+url.Values{"next": {back}}.Encode())
		return
	}
	w.Header().Set("WWW-Authenticate", `Bearer realm="registrar"`)
	http.Error(w, "This needs the service's token.", http.StatusUnauthorized)
}

// upTo leads from a path to the overview, by as many steps as the path has folders.
func upTo(path string) string {
	depth := strings.Count(path, "/") - 1
	if depth <= 0 {
		return "./"
	}
	return strings.Repeat("../", depth)
}

// redirect keeps the address relative, as http.Redirect does not: a proxy may have stripped a path.
func redirect(w http.ResponseWriter, to string) {
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}

type loginPage struct {
	page
	Next  string
	Wrong bool
}

func (s *server) loginPage(w http.ResponseWriter, r *http.Request) {
	next := local(r.URL.Query().Get("next"))
	if s.authorized(r) {
		redirect(w, "./"+next)
		return
	}
	s.askToken(w, r, http.StatusOK, next)
}

func (s *server) askToken(w http.ResponseWriter, r *http.Request, code int, next string) {
	p := loginPage{page: s.page("Log in", "", 0), Next: next, Wrong: code == http.StatusUnauthorized}
	p.Logout, p.Anonymous = false, true
	s.render(w, r, code, "login", p)
}

func (s *server) login(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "The form cannot be read.", http.StatusBadRequest)
		return
	}
	next := local(r.PostForm.Get("next"))
	if s.o.Token != "" && !s.isToken(strings.TrimSpace(r.PostForm.Get("token"))) {
		s.delayRefusal(r.Context())
		s.o.Log.WarnContext(r.Context(), "a login to the status page was refused", "from", r.RemoteAddr)
		s.askToken(w, r, http.StatusUnauthorized, next)
		return
	}
	if s.o.Token != "" {
		end := s.o.Now().Add(sessionLife)
		http.SetCookie(w, s.cookie(r, s.session(end), int(sessionLife.Seconds())))
	}
	redirect(w, "./"+next)
}

func (s *server) logout(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, s.cookie(r, "", -1))
	redirect(w, "./login")
}

func (s *server) cookie(r *http.Request, value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: cookieName, Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, SameSite: http.SameSiteStrictMode,
		// A proxy that ends TLS says so; whoever lies about it loses only their own cookie.
		Secure: r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https",
	}
}

// local returns a page of this server, without its first slash, or "": a link to the login page must
// not lead elsewhere.
func local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || strings.HasPrefix(next, "/") || strings.ContainsAny(next, "\\\r\n\t") {
		return ""
	}
	for _, allowed := range []string{"runs", "calendar", "explain"} {
		if u.Path == allowed || strings.HasPrefix(u.Path, allowed+"/") {
			return (&url.URL{Path: u.Path, RawQuery: u.RawQuery}).String()
		}
	}
	if u.Path == "" && u.RawQuery != "" {
		return "?" + u.RawQuery
	}
	return ""
}
