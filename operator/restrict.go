package operator

import (
	"fmt"
	"maps"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/suggest"
	"github.com/registrar-sync/registrar/providers"
)

// Options say what the policy is for.
type Options struct {
	Providers []providers.Provider
	// Speculative: the plan is of a configuration under review.
	Speculative bool
}

// Restrict holds a configuration against the policy. It masks, in cfg, what may not be shown, and makes its
// settings as strict as the policy's; what the policy forbids is an error at its place. p may be nil, for no
// policy: of a speculative plan everything is then masked, and files outside of the root are forbidden.
func Restrict(cfg *config.Config, p *Policy, o Options) config.Diagnostics {
	if p == nil && !o.Speculative {
		return nil
	}
	r := &restriction{cfg: cfg, policy: p, options: o, showing: map[*config.Connection]*connect{}}
	root, err := providers.ResolvePath(".", cfg.Dir)
	if err != nil {
		r.diags.Errorf(config.Range{}, "Unreadable directory", "The configuration directory cannot be read: %s.", err)
		return r.diags
	}
	r.root = root
	for _, c := range slices.Concat(cfg.Sources, cfg.Destinations) {
		r.connection(c)
	}
	if p != nil {
		r.diags = append(r.diags, p.warnings...)
		for _, n := range cfg.Notifiers {
			r.notifier(n)
		}
		r.settings()
	}
	for _, s := range cfg.Syncs {
		r.statements(s)
		r.secrets(s)
		r.mask(s)
	}
	for _, c := range cfg.Checks {
		r.check(c)
	}
	return compact(r.diags)
}

// compact drops repetitions: instances of one sync share their mistakes.
func compact(diags config.Diagnostics) config.Diagnostics {
	var out config.Diagnostics
	for _, d := range diags {
		if !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	return out
}

// restriction is one call of Restrict.
type restriction struct {
	cfg     *config.Config
	policy  *Policy // nil: none
	options Options
	root    string // absolute, links followed
	diags   config.Diagnostics
	// showing are the connect blocks whose show blocks count, by the connections whose tables are known to be those
	// that the operator meant.
	showing map[*config.Connection]*connect
}

// of returns the connect block of an address; nil where there is none, or no policy.
func (r *restriction) of(address string) *connect {
	if r.policy == nil {
		return nil
	}
	return r.policy.connects[address]
}

func (r *restriction) settings() {
	s := &r.cfg.Settings
	if len(r.policy.TrustedKeys) > 0 {
		s.TrustedKeys = slices.Clone(r.policy.TrustedKeys)
	}
	s.RequireApproval = max(s.RequireApproval, r.policy.RequireApproval)
	s.Limits = s.Limits.Tighter(r.policy.Limits)
}

const (
	forbidden = "Forbidden by the policy"
	outside   = "File outside of the configuration"
)

// unlisted reports a block that the policy does not know.
func (r *restriction) unlisted(address string, at config.Range) {
	r.diags.Errorf(at, forbidden, "The operator's policy has no block connect %q, so that it may not be opened.%s", address, suggest.Question(address, r.policy.addresses()))
}

// connection holds what a block reaches, and the secrets that it is given, against the policy.
func (r *restriction) connection(c *config.Connection) {
	listed := r.of(c.Address)
	if r.policy != nil && listed == nil {
		r.unlisted(c.Address, c.Range)
		return
	}
	where, ok := r.locate(c)
	if !ok {
		return
	}
	before := len(r.diags)
	r.paths(c, listed, where)
	if r.options.Speculative && len(c.Secrets) > 0 {
		c.Withheld = true
		if len(where.Hosts) == 0 {
			r.diags.Errorf(c.Range, "Sensitive value not allowed", "%s is about files, whose names are shown, and depends on the value of var.%s, which is given from outside: a file of a configuration under review is named in the configuration, or by a variable that the operator's policy lists in public_variables.",
				c.Address, strings.Join(c.Secrets, ", var."))
		}
	}
	if listed == nil {
		return
	}
	public := r.public(c, where)
	for _, host := range where.Hosts {
		if !slices.Contains(listed.hosts, host) {
			r.diags.Errorf(c.Range, forbidden, "%s reaches %s, which is not among the hosts that the operator's policy lists for it: %s.",
				c.Address, quoted("a host", host, slices.Contains(public.Hosts, host), c.Secrets), spelledOut(listed.hosts))
		}
	}
	if len(listed.databases) > 0 && where.Database != "" && !slices.Contains(listed.databases, where.Database) {
		r.diags.Errorf(c.Range, forbidden, "%s is about %s, which is not among the databases that the operator's policy lists for it: %s.",
			c.Address, quoted("a database", where.Database, public.Database == where.Database, c.Secrets), spelledOut(listed.databases))
	}
	r.given(c.Address, listed, c.Secrets, c.Range)
	exact := len(where.Hosts) > 0 || len(where.Paths) > 0 && slices.Contains(r.allowed(listed), where.Paths[0])
	if len(r.diags) == before && exact && !where.Layout {
		r.showing[c] = listed
	}
}

// quoted names what the configuration says, unless it depends on what must not be shown.
func quoted(what, text string, public bool, secrets []string) string {
	if public {
		return strconv.Quote(text)
	}
	return fmt.Sprintf("%s (not shown: it comes from var.%s)", what, strings.Join(secrets, ", var."))
}

// spelledOut are the entries of a policy.
func spelledOut(entries []string) string {
	if len(entries) == 0 {
		return "none"
	}
	texts := make([]string, len(entries))
	for i, entry := range entries {
		texts[i] = strconv.Quote(entry)
	}
	return strings.Join(texts, ", ")
}

// public is what of a location everybody can tell who reads the configuration: what it would be as well if secrets had other
// values.
func (r *restriction) public(c *config.Connection, where providers.Location) providers.Location {
	if len(c.Secrets) == 0 {
		return where
	}
	other := *c
	other.Attributes = maps.Clone(c.Attributes)
	for _, name := range c.SecretAttributes {
		switch other.Attributes[name].(type) {
		case nil:
		case string:
			other.Attributes[name] = "not-known.invalid"
		case int64:
			other.Attributes[name] = int64(1)
		default:
			return providers.Location{}
		}
	}
	i := slices.IndexFunc(r.options.Providers, func(p providers.Provider) bool { return p.Name() == c.Provider })
	public, err := r.options.Providers[i].(providers.Locator).Locate(other.Attributes, r.cfg.Dir)
	if err != nil {
		return providers.Location{}
	}
	return public
}

// locate asks the connection's provider what it reaches; false where that is not known.
func (r *restriction) locate(c *config.Connection) (where providers.Location, ok bool) {
	for _, p := range r.options.Providers {
		if p.Name() != c.Provider {
			continue
		}
		locator, is := p.(providers.Locator)
		if !is {
			break
		}
		where, err := locator.Locate(c.Attributes, r.cfg.Dir)
		if err != nil {
			r.diags.Errorf(c.Range, forbidden, "What %s reaches cannot be told: %s.", c.Address, err)
		}
		return where, err == nil
	}
	r.diags.Errorf(c.Range, forbidden, "What %s reaches cannot be told: the provider %q does not say.", c.Address, c.Provider)
	return where, false
}

// paths holds the files of a block against the policy, or against the root where there is none.
func (r *restriction) paths(c *config.Connection, listed *connect, where providers.Location) {
	allowed := []string{r.root}
	if r.policy != nil {
		allowed = r.allowed(listed)
	}
	foreign, public := false, r.public(c, where)
	for _, path := range where.Paths {
		foreign = foreign || !within(path, r.root)
		switch {
		case providers.InGit(path):
			r.diags.Errorf(c.Range, forbidden, "%s reads from a .git folder: what is there may hold the credentials of who fetched it.", c.Address)
		case slices.ContainsFunc(allowed, func(folder string) bool { return within(path, folder) }):
		case r.policy != nil:
			what := "a file or folder, links followed,"
			// Where links lead to elsewhere is the machine's affair.
			if relative, err := filepath.Rel(r.root, path); err == nil && within(path, r.root) && slices.Contains(public.Paths, path) {
				what = strconv.Quote(filepath.ToSlash(relative)) + ", links followed,"
			}
			r.diags.Errorf(c.Range, forbidden, "%s reaches %s that is not among the paths that the operator's policy lists for it: %s.", c.Address, what, spelledOut(listed.paths))
		default:
			r.diags.Errorf(c.Range, outside, "%s reaches a file or folder, links followed, outside of the configuration's root. A plan of a configuration under review reads none, unless an operator's policy (--policy) lists its path.", c.Address)
		}
	}
	if where.Layout && foreign && listed != nil && !listed.anyLayout {
		r.diags.Errorf(c.Range, forbidden, "%s says where in files that are not its own the names of columns stand, and a name could be a row's value then: the operator's policy needs any_layout = true for that.", c.Address)
	}
}

// allowed are the paths of a connect block, absolute. Links are followed only where whoever changes the configuration
// cannot make them.
func (r *restriction) allowed(c *connect) []string {
	var out []string
	for _, path := range c.paths {
		path = filepath.FromSlash(path)
		if !filepath.IsAbs(path) {
			path = filepath.Join(r.root, path)
		} else if dir, err := filepath.Abs(r.cfg.Dir); err == nil && within(path, dir) {
			if relative, err := filepath.Rel(dir, path); err == nil {
				path = filepath.Join(r.root, relative)
			}
		}
		path = filepath.Clean(path)
		if !within(path, r.root) {
			if resolved, err := providers.ResolvePath(path, r.root); err == nil {
				path = resolved
			}
		}
		out = append(out, path)
	}
	return out
}

// given reports secrets that the policy does not let a block have.
func (r *restriction) given(address string, listed *connect, secrets []string, at config.Range) {
	for _, name := range secrets {
		if !slices.Contains(listed.secrets, name) {
			r.diags.Errorf(at, forbidden, "%s would be given the value of var.%s, which is not among the secrets that the operator's policy lists for it: %s.", address, name, spelledOut(listed.secrets))
		}
	}
}

func (r *restriction) notifier(n *config.Notifier) {
	listed := r.of(n.Address)
	if listed == nil {
		r.unlisted(n.Address, n.Range)
		return
	}
	r.given(n.Address, listed, n.Secrets, n.Range)
	host, ok := notified(n)
	if !ok || !slices.Contains(listed.hosts, host) {
		r.diags.Errorf(n.Range, forbidden, "%s sends to %s, which is not among the hosts that the operator's policy lists for it: %s.",
			n.Address, quoted("a host", host, len(n.ServerSecrets) == 0, n.ServerSecrets), spelledOut(listed.hosts))
	}
}

// notified is the host and port that a notifier sends to.
func notified(n *config.Notifier) (string, bool) {
	if n.Email != nil {
		return strings.ToLower(n.Email.Server.String()), true
	}
	u, err := url.Parse(n.Webhook.URL)
	if err != nil {
		return "", false
	}
	port := u.Port()
	if port == "" {
		if port = "443"; u.Scheme == "http" {
			port = "80"
		}
	}
	return strings.ToLower(net.JoinHostPort(u.Hostname(), port)), true
}

// queryTexts are the queries of a sync's source, each with its place.
func queryTexts(s *config.Sync) []config.TaskQuery {
	if s.Source.Query != "" {
		return []config.TaskQuery{{SQL: s.Source.Query, Range: s.Source.Range}}
	}
	return s.Source.Queries
}

// statements holds a sync's queries and hooks against the policy.
func (r *restriction) statements(s *config.Sync) {
	for _, q := range queryTexts(s) {
		r.query(s.Source.From, q.SQL, q.Range)
	}
	into := r.of(s.Destination.Into.Address)
	if into == nil {
		return
	}
	for _, h := range slices.Concat(s.Hooks.Before, s.Hooks.After) {
		if !into.hooks.allow(h.SQL) {
			r.diags.Errorf(h.Range, forbidden, "The operator's policy does not allow this statement on %s. Its digest, for hooks, is %s.", s.Destination.Into.Address, QueryDigest(h.SQL))
		}
	}
}

// query holds a query against the policy; one of a configuration under review, which the policy does not list by its
// digest, against its provider, too.
func (r *restriction) query(on *config.Connection, text string, at config.Range) {
	listed := r.of(on.Address)
	if listed != nil && !listed.queries.allow(text) {
		r.diags.Errorf(at, forbidden, "The operator's policy does not allow this query on %s: name a table instead, or have it allowed. Its digest, for queries, is %s.", on.Address, QueryDigest(text))
		return
	}
	if !r.options.Speculative || listed != nil && !listed.queries.any {
		return
	}
	for _, p := range r.options.Providers {
		checker, is := p.(providers.StrangerQueryChecker)
		if !is || p.Name() != on.Provider {
			continue
		}
		if err := checker.CheckStrangersQuery(text); err != nil {
			r.diags.Errorf(at, "Invalid query", "The configuration is under review, and the query is refused: %s. The operator's policy can list its digest, for queries: %s.", err, QueryDigest(text))
		}
	}
}

// secrets reports those that would reach a server by a query's params or as values to write.
func (r *restriction) secrets(s *config.Sync) {
	if from := r.of(s.Source.From.Address); from != nil {
		for _, param := range s.Source.Params {
			r.given(s.Source.From.Address, from, param.Secrets, param.Range)
		}
	}
	if into := r.of(s.Destination.Into.Address); into != nil {
		for i := range s.Columns {
			r.given(s.Destination.Into.Address, into, s.Columns[i].Secrets, s.Columns[i].Range)
		}
	}
}

// shownOf says what a table, or the result of a query, of a connection may show.
func (r *restriction) shownOf(c *config.Connection, table, query string) *config.Shown {
	return r.showing[c].shown(table, query)
}

// mask hides what of a sync may not be shown.
func (r *restriction) mask(s *config.Sync) {
	into := s.Destination.Into
	s.Shown = r.shownOf(into, s.Destination.Table, "")
	s.Source.Shown = r.read(s)
	hidden := func(refs []config.ColumnRef) bool { return slices.ContainsFunc(refs, s.Source.Shown.HidesRef) }
	for i := range s.Columns {
		c := &s.Columns[i]
		c.Sensitive = c.Sensitive || s.Shown.Hides(c.Name)
		if c.Lookup == nil {
			c.Sensitive = c.Sensitive || hidden(c.Expr.Refs)
			continue
		}
		// What is found is a value of the parent's row.
		parent := r.shownOf(into, c.Lookup.Table, "")
		c.Sensitive = c.Sensitive || parent.Hides(c.Lookup.Column)
		for _, by := range c.Lookup.By {
			c.Sensitive = c.Sensitive || parent.Hides(by.Column) || hidden(by.Expr.Refs)
		}
	}
	for i := range s.Asserts {
		a := &s.Asserts[i]
		a.Sensitive = a.Sensitive || hidden(a.Message.Refs) || hidden(a.Condition.Refs)
	}
	if s.Incremental.ByWatermark() {
		s.Incremental.Sensitive = s.Incremental.Sensitive || s.Source.Shown.HidesRef(s.Incremental.Watermark)
	}
}

// read says what of a sync's source may be shown; where there are several queries, what each of them may show.
func (r *restriction) read(s *config.Sync) *config.Shown {
	queries := queryTexts(s)
	if len(queries) == 0 {
		return r.shownOf(s.Source.From, s.Source.Table, "")
	}
	shown := r.shownOf(s.Source.From, "", queries[0].SQL)
	for _, q := range queries[1:] {
		shown = both(shown, r.shownOf(s.Source.From, "", q.SQL))
	}
	return shown
}

// both is what two may show.
func both(one, other *config.Shown) *config.Shown {
	if one.All {
		return other
	}
	return &config.Shown{Columns: slices.DeleteFunc(slices.Clone(one.Columns), other.Hides)}
}

// check holds a check's query against the policy, and hides what may not be shown. What a check of staged rows shows
// is what their sync does.
func (r *restriction) check(c *config.Check) {
	if c.From != nil {
		r.query(c.From, c.Query, c.QueryRange)
		if listed := r.of(c.From.Address); listed != nil {
			for _, param := range c.Params {
				r.given(c.From.Address, listed, param.Secrets, param.Range)
			}
		}
		c.Shown = r.shownOf(c.From, "", c.Query)
	}
	c.AllSensitive = c.AllSensitive || r.policy == nil
}
