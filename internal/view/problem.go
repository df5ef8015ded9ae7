package view

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// problem is something that a reviewer should look at, with its place in the configuration. It holds no value of a
// row: checks and asserts are one problem each, with a count.
type problem struct {
	rule    string
	level   level
	message string
	at      place
	// fingerprint identifies the problem over versions of the configuration: lines that are not its own, and counts, do
	// not change it. It is unique within a report.
	fingerprint string
}

// level says how bad a problem is.
type level int

// The levels, the worst first.
const (
	blocking level = iota // nothing can be applied
	failing               // an error, or what holds the plan
	doubtful              // some records are left out
	warning
	remark
)

// place is a place in the repository; without a file, none. Column and what ends it are 0 where only the line is known.
type place struct {
	file                             string // relative, with forward slashes
	line, column, endLine, endColumn int    // from 1, the end exclusive
}

// rule is a kind of problem. The ids stay.
type rule struct{ id, description string }

const configurationRule = "configuration/"

// planRules are those that are not about diagnostics, of which each summary is a rule.
var planRules = []rule{
	{"plan/blocked", "What is planned cannot be applied, not even with an override: other rows refer to rows that would be removed."},
	{"plan/held", "A guard or a check holds what is planned; an override, which is recorded, lifts that."},
	{"plan/held-back", "Deletions are held back, since there are more of them than a guard allows; all else may be applied."},
	{"plan/policy", "The plan does not obey a policy of the configuration."},
	{"plan/check", "A check found something."},
	{"plan/rejected", "Records cannot be written, or break an assert: the destination keeps what it has."},
	{"plan/warned", "Records break an assert that warns, and are written all the same."},
	{"plan/unresolved", "A lookup finds nothing for some records: they are written with null."},
	{"plan/renamed", "Some rows go while others come that are alike but for their keys: if they are the same records, the configuration can say so."},
}

// problems lists what a report has: diagnostics, then what is in the plan, which may be nil.
func problems(p *plan.Plan, o *ReviewOptions) []problem {
	l := problemList{o: o, seen: map[string]int{}}
	if p != nil {
		l.places = p.Places
	}
	l.fallback = l.first()
	for _, d := range o.Warnings {
		l.diagnostic(&d)
	}
	if p == nil {
		return l.all
	}
	syncs := p.Syncs()
	for i := range syncs {
		l.sync(&syncs[i])
	}
	for i := range p.Policies {
		one := &p.Policies[i]
		at := failing
		if one.OnFailure == config.WarnPlan {
			at = warning
		}
		l.add("plan/policy", at, one.Policy+" is not obeyed"+policyEffect(one)+": "+one.Message, l.of(one.Policy), one.Policy)
	}
	for _, c := range allChecks(p) {
		if c.Findings == 0 {
			continue
		}
		message := c.Check
		if c.Code != "" {
			message += " (" + c.Code + ")"
		}
		message += " found " + plural(c.Findings, "problem")
		if c.Severity == config.CheckError && len(c.Blocks) > 0 {
			message += "; it holds " + strings.Join(c.Blocks, ", ")
		}
		at := map[config.CheckSeverity]level{config.CheckError: failing, config.CheckWarning: warning, config.CheckInfo: remark}[c.Severity]
		l.add("plan/check", at, message, l.of(c.Check), c.Check)
	}
	return l.all
}

type problemList struct {
	o      *ReviewOptions
	places map[string]plan.Place
	// fallback is the place of what has none: the platforms show nothing without a file.
	fallback place
	all      []problem
	seen     map[string]int
}

// add adds a problem; identity tells it from others of its rule.
func (l *problemList) add(rule string, at level, message string, where place, identity ...string) {
	hash := sha256.New()
	for _, part := range append([]string{rule}, identity...) {
		fmt.Fprintf(hash, "%d:%s", len(part), part)
	}
	fingerprint := hex.EncodeToString(hash.Sum(nil))
	// Those that nothing tells apart are numbered.
	l.seen[fingerprint]++
	if n := l.seen[fingerprint]; n > 1 {
		sum := sha256.Sum256([]byte(fingerprint + "#" + strconv.Itoa(n)))
		fingerprint = hex.EncodeToString(sum[:])
	}
	l.all = append(l.all, problem{rule: rule, level: at, message: OneLine(message), at: where, fingerprint: fingerprint})
}

func (l *problemList) diagnostic(d *config.Diagnostic) {
	at := warning
	if d.Severity == config.Error {
		at = failing
	}
	where := l.fallback
	// The lines' text and the block around them tell where it is, and stay when lines come above.
	identity := []string{d.Subject.File, d.Summary, withoutNumbers(d.Detail)}
	if file, ok := l.path(d.Subject.File); ok {
		s := d.Subject
		where = place{file: file, line: max(1, s.Start.Line), column: max(1, s.Start.Column), endLine: s.End.Line, endColumn: s.End.Column}
		if where.endLine < where.line || where.endLine == where.line && where.endColumn <= where.column {
			where.endLine, where.endColumn = 0, 0
		}
		if found := newSnippet(l.o.Files, s); found != nil {
			identity = []string{d.Subject.File, d.Summary, strings.Join(strings.Fields(found.Code), " ")}
			if found.Context != nil {
				identity = append(identity, *found.Context)
			}
		}
	}
	l.add(configurationRule+slug(d.Summary), at, d.Summary+". "+d.Detail, where, identity...)
}

// withoutNumbers leaves out what counts lines.
func withoutNumbers(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, text)
}

func (l *problemList) sync(s *register.SyncSummary) {
	guard := l.of(s.Sync + " guard")
	if guard == l.fallback {
		guard = l.of(s.Sync)
	}
	if s.Blocked != "" {
		l.add("plan/blocked", blocking, s.Sync+" is held, and no override helps: "+s.Blocked, guard, s.Sync)
	}
	if held := plan.Liftable(s); held != "" {
		l.add("plan/held", failing, s.Sync+" is held: "+held, guard, s.Sync)
	}
	if len(s.HeldBack) > 0 {
		l.add("plan/held-back", failing, s.Sync+": held back: "+backText(s), guard, s.Sync)
	}
	for _, one := range []struct {
		rule string
		kind register.FindingKind
		at   level
	}{
		{"plan/rejected", register.Rejected, doubtful},
		{"plan/warned", register.Warned, warning},
		{"plan/unresolved", register.Unresolved, warning},
		{"plan/renamed", register.Renamed, remark},
	} {
		n := plan.Findings(s, one.kind)
		if n == 0 {
			continue
		}
		l.add(one.rule, one.at, s.Sync+": "+findingText(one.kind, n), l.of(s.Sync), s.Sync)
	}
}

// of is the place of the first address that has one; an instance's is that of its block.
func (l *problemList) of(addresses ...string) place {
	for _, address := range addresses {
		known, ok := l.places[address]
		if !ok {
			block, rest, _ := strings.Cut(address, "[")
			_, tail, _ := strings.Cut(rest, "]")
			known = l.places[block+tail]
		}
		if file, within := l.path(known.File); within {
			return place{file: file, line: max(1, known.Line)}
		}
	}
	return l.fallback
}

// first is the beginning of the configuration's first file; those of its root come before others.
func (l *problemList) first() place {
	names := slices.Collect(maps.Keys(l.o.Files))
	for _, known := range l.places {
		names = append(names, known.File)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(strings.Count(a, "/"), strings.Count(b, "/")), cmp.Compare(a, b))
	})
	for _, name := range names {
		if file, ok := l.path(name); ok {
			return place{file: file, line: 1}
		}
	}
	return place{}
}

// path is a file's within the repository; false for one that is not in it.
func (l *problemList) path(file string) (string, bool) {
	if file == "" {
		return "", false
	}
	whole := file
	if !path.IsAbs(file) {
		whole = path.Join(l.o.Dir, file)
	}
	return whole, !path.IsAbs(whole) && whole != ".." && !strings.HasPrefix(whole, "../")
}

// slug makes the id of a rule of a summary: "unknown-column".
func slug(summary string) string {
	words := strings.FieldsFunc(strings.ToLower(summary), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	text := strings.Join(words, "-")
	if text == "" {
		return "other"
	}
	return text[:min(len(text), 80)]
}

// rulesOf lists the rules of problems, in the order of their ids.
func rulesOf(all []problem, o *ReviewOptions) []rule {
	known := map[string]string{}
	for _, r := range planRules {
		known[r.id] = r.description
	}
	for _, d := range o.Warnings {
		known[configurationRule+slug(d.Summary)] = OneLine(d.Summary) + "."
	}
	used := map[string]bool{}
	for _, p := range all {
		used[p.rule] = true
	}
	var rules []rule
	for _, id := range slices.Sorted(maps.Keys(used)) {
		rules = append(rules, rule{id: id, description: known[id]})
	}
	return rules
}
