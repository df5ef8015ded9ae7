package operator

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/signature"
	"github.com/registrar-sync/registrar/providers"
)

// maxFile bounds a policy file, in octets.
const maxFile = 1 << 20

// Load reads a policy file. root is the configuration's directory: a policy within it, or within the
// git checkout that it is of, is refused, since it would be under review itself. What is wrong with
// the file is a *config.DiagnosticsError.
func Load(path, root string) (*Policy, error) {
	if err := checkPlace(path, root); err != nil {
		return nil, err
	}
	warnings, err := checkWritable(path, os.Geteuid())
	if err != nil {
		return nil, err
	}
	text, err := read(path)
	if err != nil {
		return nil, fmt.Errorf("the policy %s: %w", path, err)
	}
	file, diags := hclsyntax.ParseConfig(text, path, hcl.InitialPos)
	l := &loader{policy: &Policy{Path: path, Unattended: true, connects: map[string]*connect{}, warnings: warnings}}
	l.report(diags)
	if !diags.HasErrors() {
		l.load(file.Body)
	}
	if err := l.diags.Err(); err != nil {
		return nil, err
	}
	return l.policy, nil
}

// checkPlace refuses a policy that whoever changes the configuration could change, too.
func checkPlace(path, root string) error {
	refused := func(format string, args ...any) error {
		return fmt.Errorf("the policy %s "+format, append([]any{path}, args...)...)
	}
	written, err := filepath.Abs(path)
	if err != nil {
		return refused("cannot be found: %w", err)
	}
	// By each way to it: a link in the repository that leads out could be turned round.
	folder, err := filepath.EvalSymlinks(filepath.Dir(written))
	if err != nil {
		return refused("cannot be found: %w", providers.BareError(err))
	}
	followed, err := filepath.EvalSymlinks(written)
	if err != nil {
		return refused("cannot be found: %w", providers.BareError(err))
	}
	top, err := checkout(root)
	if err != nil {
		return err
	}
	tops := []string{top}
	if absolute, err := filepath.Abs(root); err == nil {
		tops = append(tops, absolute)
	}
	for _, at := range []string{written, filepath.Join(folder, filepath.Base(written)), followed} {
		if slices.ContainsFunc(tops, func(top string) bool { return within(at, top) }) {
			return refused("lies within %s, which holds the configuration: whoever changes that could change the policy, too; keep it outside of the repository", top)
		}
	}
	return nil
}

// checkWritable refuses a policy that everybody on the machine may change, or exchange in its folder. Where file or folder are
// the user's own, that is a warning: whoever runs in a pipeline's container finds files there that everybody may write, and
// is alone with them.
func checkWritable(path string, user int) (warnings config.Diagnostics, err error) {
	if runtime.GOOS == "windows" {
		return nil, nil
	}
	followed, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, fmt.Errorf("the policy %s cannot be found: %w", path, providers.BareError(err))
	}
	for _, one := range []string{followed, filepath.Dir(followed)} {
		info, err := os.Stat(one)
		if err != nil {
			return nil, fmt.Errorf("the policy %s cannot be looked at: %w", path, providers.BareError(err))
		}
		if info.Mode().Perm()&0o002 == 0 || info.Mode()&fs.ModeSticky != 0 {
			continue
		}
		what := "is a file"
		if info.IsDir() {
			what = "lies in a folder"
		}
		if !ownedBy(info, user) {
			return nil, fmt.Errorf("the policy %s %s that everybody may write, and that belongs to somebody else: have them chmod go-w %s, or copy the policy to a folder of your own", path, what, one)
		}
		warnings.Warnf(config.Range{}, "Policy open to others", "The policy %s %s that everybody may write: whoever shares this machine could change what it says. Run chmod go-w %s", path, what, one)
	}
	return warnings, nil
}

// checkout returns the git checkout that a directory is of, or else the directory, links followed.
func checkout(root string) (string, error) {
	resolved, err := filepath.EvalSymlinks(root)
	if err == nil {
		resolved, err = filepath.Abs(resolved)
	}
	if err != nil {
		return "", fmt.Errorf("the configuration directory %q cannot be read: %w", root, providers.BareError(err))
	}
	for top := resolved; ; top = filepath.Dir(top) {
		// A file in worktrees and submodules.
		if _, err := os.Lstat(filepath.Join(top, ".git")); err == nil {
			resolved = top // of nested checkouts, the outermost
		}
		if top == filepath.Dir(top) {
			return resolved, nil
		}
	}
}

// within reports whether a path is a folder or lies in it; both are absolute.
func within(path, folder string) bool {
	relative, err := filepath.Rel(folder, path)
	return err == nil && relative != ".." && !strings.HasPrefix(relative, ".."+string(filepath.Separator))
}

func read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, providers.BareError(err)
	}
	switch {
	case !info.Mode().IsRegular():
		return nil, errors.New("it is no file")
	case info.Size() > maxFile:
		return nil, fmt.Errorf("it has more than %d octets", maxFile)
	}
	text, err := os.ReadFile(path)
	return text, providers.BareError(err)
}

// loader collects what is wrong with a file.
type loader struct {
	policy *Policy
	diags  config.Diagnostics
}

func (l *loader) report(diags hcl.Diagnostics) {
	for _, d := range diags {
		var at hcl.Range
		if d.Subject != nil {
			at = *d.Subject
		}
		l.errorf(at, d.Summary, "%s", d.Detail)
	}
}

func (l *loader) errorf(at hcl.Range, summary, format string, args ...any) {
	l.diags.Errorf(config.Range{
		File:  at.Filename,
		Start: config.Pos{Line: at.Start.Line, Column: at.Start.Column, Byte: at.Start.Byte},
		End:   config.Pos{Line: at.End.Line, Column: at.End.Column, Byte: at.End.Byte},
	}, summary, format, args...)
}

const invalid = "Invalid value"

// body is a block's contents, held against its schema.
type body struct {
	*loader
	*hcl.BodyContent
	at hcl.Range
}

func (l *loader) open(b hcl.Body, at hcl.Range, arguments []string, blocks ...hcl.BlockHeaderSchema) body {
	schema := &hcl.BodySchema{Blocks: blocks}
	for _, name := range arguments {
		schema.Attributes = append(schema.Attributes, hcl.AttributeSchema{Name: name})
	}
	content, diags := b.Content(schema)
	l.report(diags)
	return body{l, content, at}
}

// value evaluates an argument, as a type; false where it is left out or faulty. There are no variables.
func (b body) value(name string, t cty.Type) (cty.Value, bool) {
	a := b.Attributes[name]
	if a == nil {
		return cty.NilVal, false
	}
	v, diags := a.Expr.Value(nil)
	b.report(diags)
	if diags.HasErrors() {
		return cty.NilVal, false
	}
	if v, err := convert.Convert(v, t); err == nil && v.IsWhollyKnown() && !v.IsNull() && !holdsNull(v) {
		return v, true
	}
	b.fail(name, "%q must be %s.", name, spelled(t))
	return cty.NilVal, false
}

func holdsNull(v cty.Value) bool {
	if !v.CanIterateElements() {
		return false
	}
	for it := v.ElementIterator(); it.Next(); {
		if _, element := it.Element(); element.IsNull() {
			return true
		}
	}
	return false
}

func spelled(t cty.Type) string {
	switch {
	case t == cty.Bool:
		return "true or false"
	case t == cty.Number:
		return "a whole number"
	case t == cty.String:
		return "a text"
	default:
		return `a list of texts, such as ["a", "b"]`
	}
}

func (b body) fail(name, format string, args ...any) {
	b.errorf(b.Attributes[name].Expr.Range(), invalid, format, args...)
}

func (b body) texts(name string) []string {
	v, ok := b.value(name, cty.List(cty.String))
	if !ok {
		return nil
	}
	var out []string
	for it := v.ElementIterator(); it.Next(); {
		_, element := it.Element()
		text := element.AsString()
		if text == "" {
			b.fail(name, "%q holds an empty text.", name)
			continue
		}
		out = append(out, text)
	}
	return out
}

func (b body) boolean(name string) bool {
	v, ok := b.value(name, cty.Bool)
	return ok && v.True()
}

// number is a whole number; 0 where it is left out or faulty.
func (b body) number(name string, least, most int64) int64 {
	v, ok := b.value(name, cty.Number)
	if !ok {
		return 0
	}
	n, accuracy := v.AsBigFloat().Int64()
	if accuracy != 0 || n < least || n > most {
		b.fail(name, "%q must be a whole number from %d to %d.", name, least, most)
		return 0
	}
	return n
}

func (b body) timeout(name string) time.Duration {
	v, ok := b.value(name, cty.String)
	if !ok {
		return 0
	}
	d, err := config.ParseSpan(v.AsString())
	if err != nil || d < config.MinTimeout {
		b.fail(name, `%q is %q; expected a span of time of a second or more, such as "90s", "15m" or "30d".`, name, v.AsString())
		return 0
	}
	return d
}

func (l *loader) load(file hcl.Body) {
	b := l.open(file, hcl.Range{}, []string{"public_variables", "trusted_keys", "require_approval", "unattended", "pseudonyms"},
		hcl.BlockHeaderSchema{Type: "limits"}, hcl.BlockHeaderSchema{Type: "connect", LabelNames: []string{"address"}})
	p := l.policy
	p.PublicVariables = b.texts("public_variables")
	for _, name := range p.PublicVariables {
		if !hclsyntax.ValidIdentifier(name) {
			b.fail("public_variables", "%q cannot be the name of a variable.", name)
		}
	}
	for _, text := range b.texts("trusted_keys") {
		key, err := signature.ParseWritten(text)
		if err != nil {
			b.fail("trusted_keys", "%q holds what is no public key: %s.", "trusted_keys", err)
			continue
		}
		p.TrustedKeys = append(p.TrustedKeys, key)
	}
	if a := b.Attributes["trusted_keys"]; a != nil && len(p.TrustedKeys) == 0 && !l.diags.HasErrors() {
		b.fail("trusted_keys", "%q is empty: no plan could be applied. Leave it out where the configuration says whom to trust.", "trusted_keys")
	}
	p.RequireApproval = int(b.number("require_approval", 0, config.MaxApprovals))
	p.Pseudonyms = b.boolean("pseudonyms")
	if b.Attributes["unattended"] != nil {
		p.Unattended = b.boolean("unattended")
	}
	var limits *hcl.Block
	for _, block := range b.Blocks {
		switch {
		case block.Type == "connect":
			l.connect(block)
		case limits != nil:
			l.errorf(block.DefRange, "Duplicate block", "A policy has one limits block; the first is on line %d.", limits.DefRange.Start.Line)
		default:
			limits = block
			in := l.open(block.Body, block.DefRange, []string{"plan_timeout", "statement_timeout", "max_rows"})
			p.Limits = config.Limits{PlanTimeout: in.timeout("plan_timeout"), StatementTimeout: in.timeout("statement_timeout"), MaxRows: in.number("max_rows", 1, math.MaxInt64)}
		}
	}
}

var addressPattern = regexp.MustCompile(`^(module\.[\p{L}_][\p{L}\p{N}_-]*(\["([^"\\]|\\.)*"\])?\.)*(source|destination|notify)\.[\p{L}_][\p{L}\p{N}_-]*\.[\p{L}_][\p{L}\p{N}_-]*$`)

func (l *loader) connect(block *hcl.Block) {
	c := &connect{address: block.Labels[0]}
	if !addressPattern.MatchString(c.address) {
		l.errorf(block.LabelRanges[0], "Invalid address", "%q is no address of a configuration's block, such as source.postgres.apogee, destination.sqlite.timetable or notify.webhook.chat. There are no wildcards: each block has a connect block of its own.", c.address)
	}
	if l.policy.connects[c.address] != nil {
		l.errorf(block.DefRange, "Duplicate block", "There is a connect block for %q already.", c.address)
	}
	l.policy.connects[c.address] = c
	b := l.open(block.Body, block.DefRange, []string{"hosts", "databases", "paths", "secrets", "queries", "hooks", "any_layout"}, hcl.BlockHeaderSchema{Type: "show"})
	c.hosts, c.databases, c.paths, c.secrets = b.texts("hosts"), b.texts("databases"), b.texts("paths"), b.texts("secrets")
	for i, host := range c.hosts {
		if c.hosts[i] = strings.ToLower(host); strings.HasPrefix(host, "unix:/") {
			c.hosts[i] = host
		} else if !hostPattern.MatchString(host) {
			b.fail("hosts", "%q is no host and port, such as db.example.org:5432 or [2001:db8::1]:5432, nor a socket, such as unix:/run/postgresql/.s.PGSQL.5432. It is compared as it is: *.example.org means nothing.", host)
		}
	}
	c.queries, c.hooks = b.statements("queries"), b.statements("hooks")
	c.anyLayout = b.boolean("any_layout")
	for _, inner := range b.Blocks {
		c.shows = append(c.shows, l.show(inner))
	}
	if len(c.shows) > 0 && len(c.hosts) > 0 && len(c.databases) == 0 {
		l.errorf(block.DefRange, "Missing databases", "What %s may show is of tables, and a table of that name may be in any of the server's databases: list those meant in databases.", c.address)
	}
}

// hostPattern has * for the port that another service names: see the providers' Locate.
var hostPattern = regexp.MustCompile(`^([^\s:/*@\[\]]+|\[[0-9A-Fa-f:.]+(%[^\s\]]+)?\]):([0-9]{1,5}|\*)$`)

var digestPattern = regexp.MustCompile("^sha256:[0-9a-f]{64}$")

func (b body) statements(name string) statements {
	a := b.Attributes[name]
	if a == nil {
		return statements{}
	}
	if v, diags := a.Expr.Value(nil); !diags.HasErrors() && v.Type() == cty.String && !v.IsNull() {
		switch v.AsString() {
		case "none":
		case "any":
			return statements{any: true}
		default:
			b.fail(name, `%q is %q; expected "none", "any", or a list of digests such as ["sha256:…"].`, name, v.AsString())
		}
		return statements{}
	}
	list := b.texts(name)
	for _, digest := range list {
		b.digest(name, digest)
	}
	return statements{digests: list}
}

func (b body) digest(name, text string) {
	if !digestPattern.MatchString(text) {
		b.fail(name, `%q holds %q; a digest is "sha256:" and the 64 hexadecimal digits, in lower case, of the SHA-256 of the statement's text.`, name, text)
	}
}

func (l *loader) show(block *hcl.Block) show {
	b := l.open(block.Body, block.DefRange, []string{"table", "query", "columns"})
	var out show
	if v, ok := b.value("table", cty.String); ok {
		out.table = v.AsString()
	}
	if v, ok := b.value("query", cty.String); ok {
		out.query = v.AsString()
		b.digest("query", out.query)
	}
	if (b.Attributes["table"] == nil) == (b.Attributes["query"] == nil) {
		l.errorf(b.at, "Invalid show block", "A show block names a table, or the digest of a query, and not both.")
	}
	columns := b.texts("columns")
	if b.Attributes["columns"] == nil {
		l.errorf(b.at, "Missing required argument", `A show block needs "columns", a list of names, or ["*"] for all of them.`)
	}
	out.columns = config.Shown{All: slices.Contains(columns, "*"), Columns: columns}
	return out
}

// addresses are those of the connect blocks, sorted.
func (p *Policy) addresses() []string { return slices.Sorted(maps.Keys(p.connects)) }
