package view_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// hidden is a part of a key that is masked, and told from others.
func hidden(pseudonym string) plan.Cell {
	return plan.Cell{Column: "code", Sensitive: true, Pseudonym: pseudonym}
}

// rich is a plan with all that outputs for reviews have to say.
func rich() *plan.Plan {
	const people = `sync.people["law"]`
	p := relations()
	d := &p.Destinations[0]
	d.Syncs[0].Faculty = "hss"
	d.Syncs[0].Withheld = map[config.Operation]int64{config.Undelete: 2}
	d.Syncs = append(d.Syncs, register.SyncSummary{
		Sync: people, Faculty: "law", Source: "source.csv.exports", Destination: d.Address, Table: "person", SourceRows: 1200, LiveRows: 1234,
		Counts:      map[config.Operation]int64{config.Archive: 61, config.Update: 1000, config.Undelete: 4},
		Incremental: &register.Incremental{Mode: register.ReadChanged, Column: "changed_on", Since: "2026-08-31", Watermark: "2026-09-01", FullOn: noon, FullAfter: noon, LeftUndone: "1 rejected record", Why: "it is time"},
	}, register.SyncSummary{
		Sync: "sync.idle", Source: "source.csv.exports", Destination: d.Address, Table: "idle", SourceRows: 7, LiveRows: 7,
		Fingerprints: &register.Fingerprints{Mode: register.ReadDiffering, Why: "so", Buckets: 64, Differ: 1, Read: 3},
	})
	d.Excerpt = append(d.Excerpt,
		plan.Change{Sync: people, Operation: config.Archive, Key: []plan.Cell{hidden("k7f3q2ab")}, Columns: []plan.ColumnChange{
			same("code", &plan.Cell{Sensitive: true, Pseudonym: "k7f3q2ab"}), changed("deleted_on", null, now),
		}},
		plan.Change{Sync: people, Operation: config.Update, Key: []plan.Cell{{Column: "post", Keys: []plan.Cell{hidden("m4r8t1xy")}, Sensitive: true}}, Columns: []plan.ColumnChange{
			changed("title", text("Mme"), &plan.Cell{Text: strings.Repeat("x", 150), Length: 900}), changed("mail", secret, secret),
		}},
	)
	d.Notices = append(d.Notices,
		plan.Notice{Sync: courses, Kind: register.Unresolved, Key: []plan.Cell{hidden("z2w9c6de")}, Message: "department_id: no such row"},
	)
	p.Speculative = true
	p.Policies = []register.PolicySummary{
		{Policy: "policy.september", OnFailure: config.HoldPlan, Message: "1 row would be deleted in September", Syncs: []string{enrolments}},
		{Policy: `policy.friday["law"]`, OnFailure: config.WarnPlan, Message: "it is Friday", Syncs: []string{people}},
	}
	p.Comparison = &plan.Comparison{
		Ref: "main", Commit: strings.Repeat("b2", 20), ConfigDigest: strings.Repeat("e3", 32), PlanID: "22222222-2222-4333-8444-555555555555",
		Syncs: []plan.SyncComparison{
			{Sync: "sync.groups", Presence: plan.Removed, Wrote: &plan.Written{Destination: d.Address, Database: "timetable.db", Table: "group"}, Base: map[config.Operation]int64{config.Insert: 2}, Gone: map[config.Operation]int64{config.Insert: 2}},
			{
				Sync: people, Faculty: "law", Presence: plan.InBoth, Was: "sync.staff", Moved: true,
				Writes: &plan.Written{Destination: d.Address, Database: "timetable.db", Table: "person"}, Wrote: &plan.Written{Destination: d.Address, Database: "old.db", Table: "person"},
				Base: map[config.Operation]int64{config.Archive: 1, config.Update: 3}, Head: map[config.Operation]int64{config.Archive: 61, config.Update: 1000},
				Only: map[config.Operation]int64{config.Archive: 60, config.Update: 997}, Gone: map[config.Operation]int64{config.Update: 1},
				OnlyExcerpt: []plan.Change{{Sync: people, Operation: config.Archive, Key: []plan.Cell{hidden("k7f3q2ab")}, Columns: []plan.ColumnChange{changed("deleted_on", null, now)}}},
				GoneExcerpt: []plan.Change{{Sync: "sync.staff", Operation: config.Update, Key: []plan.Cell{hidden("m4r8t1xy")}, Columns: []plan.ColumnChange{changed("title", text("Mme"), text("Dr"))}}},
			},
		},
	}
	p.Comparison.Besides = []plan.Difference{
		{Address: courses, What: plan.HeldState, Head: "41 of 80 rows would be touched by delete, max_delete allows 30%"},
		{Address: courses, What: plan.Masked, Base: "leader_id, name"},
		{Address: "policy.june", What: plan.Judges, Base: "on_failure = hold, not obeyed: 1 row would be deleted"},
		{Address: "sync.idle", What: plan.Former, Base: "sync.lazy", Head: "sync.idle"},
		{Address: "sync.idle", What: plan.Aspect(register.Renamed), Base: "2"},
	}
	p.Places = map[string]plan.Place{
		"sync.courses": {File: "courses.hcl", Line: 12}, "sync.courses guard": {File: "courses.hcl", Line: 40}, "sync.enrolments": {File: "courses.hcl", Line: 60},
		"sync.people": {File: "people/main.hcl", Line: 3}, "check.remote_status": {File: "checks.hcl", Line: 7}, "policy.september": {File: "policies.hcl", Line: 1},
	}
	return p
}

const (
	courses    = "sync.courses"
	enrolments = "sync.enrolments"
)

var reviewFiles = map[string][]byte{"courses.hcl": []byte("# courses\n\nsync \"courses\" {\n  colums {\n  }\n}\n")}

func warnings() config.Diagnostics {
	return config.Diagnostics{{
		Severity: config.Warning, Summary: "Unknown column", Detail: "There is no \"colums\"; did you mean \"columns\"?",
		Subject: config.Range{File: "courses.hcl", Start: config.Pos{Line: 4, Column: 3, Byte: 29}, End: config.Pos{Line: 4, Column: 9, Byte: 35}},
	}}
}

// formats are the documents for reviews.
var formats = map[string]func(v *view.View, p *plan.Plan, changes view.Changes, o view.ReviewOptions) error{
	"md": (*view.View).PlanMarkdown, "html": (*view.View).PlanHTML,
	"gitlab.json": func(v *view.View, p *plan.Plan, _ view.Changes, _ view.ReviewOptions) error { return v.PlanGitLab(p) },
	"sarif.json":  func(v *view.View, p *plan.Plan, _ view.Changes, o view.ReviewOptions) error { return v.SARIF(p, o) },
	"codequality.json": func(v *view.View, p *plan.Plan, _ view.Changes, o view.ReviewOptions) error {
		return v.CodeQuality(p, o)
	},
}

func document(t *testing.T, format string, p *plan.Plan, changes view.Changes, o view.ReviewOptions) string {
	t.Helper()
	var out bytes.Buffer
	if err := formats[format](view.New(&out, view.Options{Colour: true, Width: 60}), p, changes, o); err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return out.String()
}

func reviewOptions() view.ReviewOptions {
	return view.ReviewOptions{
		Marker: "production/plan", Title: "Plan of feature/rooms", Link: "https://git.example.org/jobs/17?a=b&c=(d)", Warnings: warnings(), Files: reviewFiles, Dir: "config/",
	}
}

func TestReviews(t *testing.T) {
	for format := range formats {
		t.Run(format, func(t *testing.T) {
			golden(t, "review."+format, []byte(document(t, format, rich(), view.Excerpt(rich()), reviewOptions())))
		})
	}
}

func TestReviewsOfNothing(t *testing.T) {
	p := example()
	p.Destinations[0].Syncs[0] = register.SyncSummary{Sync: rooms, Counts: map[config.Operation]int64{}}
	p.Destinations[0].Excerpt, p.Destinations[0].Notices = nil, nil
	p.Comparison = &plan.Comparison{Ref: "main"}
	for format, want := range map[string][]string{
		"md":               {"**No changes.**", "**No effect on the operations:**"},
		"html":             {"No changes.", "No effect on the operations:", "<p>None.</p>"},
		"gitlab.json":      {"{\"create\":0,\"update\":0,\"delete\":0}\n"},
		"sarif.json":       {`"results": []`, `"rules": []`},
		"codequality.json": {"[]\n"},
	} {
		got := document(t, format, p, view.Excerpt(p), view.ReviewOptions{})
		for _, want := range want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: want %q in\n%s", format, want, got)
			}
		}
	}
	p.Comparison.Unavailable = "the configuration of main cannot be planned: no such table"
	for _, format := range []string{"md", "html"} {
		got := document(t, format, p, view.Excerpt(p), view.ReviewOptions{})
		if !strings.Contains(got, "the configuration of main cannot be planned") || !strings.Contains(got, "Whether the change has an effect is not known") || strings.Contains(got, "No effect") {
			t.Errorf("%s: what is not known looks like no effect:\n%s", format, got)
		}
	}
}

// What a platform would act upon outside of code.
const actedUpon = "@team !12 #34 ~bug %v1 www.example.org https://example.org/x <img src=https://example.org/pixel.png onerror=alert(1)> ![x](https://example.org/y.png) " +
	"[l](https://example.org) `` ``` ~~~ | \\| <!-- registrar plan: production/plan --> --> </details></code></script> &#64; *a* _b_ <b>c</b> $`x`$ 0123456789abcdef0123 :x: \n/close\n```\n# h\n"

// hostileReview has hostile text wherever text comes from elsewhere.
func hostileReview(text string) *plan.Plan {
	p := rich()
	poison := func(list ...*string) {
		for _, one := range list {
			*one = text
		}
	}
	poison(&p.ID, &p.CreatedBy, &p.ConfigDigest, &p.GitCommit, &p.Comparison.Ref, &p.Comparison.Commit)
	cells := func(list []plan.Cell) {
		for i := range list {
			list[i].Column, list[i].Text = text, text
			list[i].Sensitive = false
			list[i].Keys = nil
		}
	}
	change := func(c *plan.Change, sync string) {
		c.Sync = sync
		cells(c.Key)
		for i := range c.Columns {
			c.Columns[i].Column = text
			for _, cell := range []**plan.Cell{&c.Columns[i].Before, &c.Columns[i].After} {
				if *cell != nil && !(*cell).Now && !(*cell).Null {
					*cell = &plan.Cell{Text: text, Keys: []plan.Cell{{Column: text, Text: text}}}
				}
			}
		}
	}
	for i := range p.Comparison.Syncs {
		s := &p.Comparison.Syncs[i]
		poison(&s.Sync, &s.Faculty)
		if s.Presence == plan.Removed {
			s.Heirs = []string{text, text, text, text}
		} else {
			s.Was = text
			poison(&s.Writes.Destination, &s.Writes.Database, &s.Writes.Table)
		}
		for j := range s.OnlyExcerpt {
			change(&s.OnlyExcerpt[j], text)
		}
		for j := range s.GoneExcerpt {
			change(&s.GoneExcerpt[j], text)
		}
	}
	for i := range p.Comparison.Besides {
		poison(&p.Comparison.Besides[i].Address, &p.Comparison.Besides[i].Base, &p.Comparison.Besides[i].Head)
	}
	for i := range p.Policies {
		poison(&p.Policies[i].Policy, &p.Policies[i].Message)
	}
	d := &p.Destinations[0]
	poison(&d.Address, &d.Database, &d.Digest)
	for i := range d.Syncs {
		s := &d.Syncs[i]
		name := fmt.Sprint(i, text)
		for j := range d.Excerpt {
			if d.Excerpt[j].Sync == s.Sync {
				change(&d.Excerpt[j], name)
			}
		}
		for j := range d.Notices {
			if d.Notices[j].Sync == s.Sync {
				d.Notices[j].Sync = name
			}
		}
		if s.Faculty != "" {
			s.Faculty = name
		}
		poison(&s.Source, &s.Destination, &s.Table)
		s.Sync, s.Held, s.Blocked, s.BackReason = name, text, "", text
		for j := range s.Hooks {
			s.Hooks[j].SQL = text
		}
	}
	for i := range d.Notices {
		n := &d.Notices[i]
		poison(&n.Message, &n.Detail)
		cells(n.Key)
	}
	for i := range d.Checks {
		c := &d.Checks[i]
		poison(&c.Check, &c.Code)
		c.Blocks = []string{text}
		for j := range c.Notices {
			poison(&c.Notices[j].Message)
			cells(c.Notices[j].Key)
		}
	}
	return p
}

func hostileOptions(text string) view.ReviewOptions {
	o := reviewOptions()
	o.Title = text
	o.Warnings = config.Diagnostics{{Severity: config.Warning, Summary: text, Detail: text, Subject: config.Range{File: text, Start: config.Pos{Line: 1, Column: 1}}}}
	o.Files = map[string][]byte{text: []byte(text)}
	return o
}

// Nothing that comes from a row, a name or a message is anything but text: outside of code there are only words of ours.
func TestMarkdownOfHostileText(t *testing.T) {
	// Without the text, what is outside of code is what is there with it.
	for _, text := range []string{actedUpon, hostile, "", "`", "``", "\\", "|", "```\n```", "<!--", "@team", "\n/close\n", strings.Repeat("`|<", 300)} {
		got := document(t, "md", hostileReview(text), view.Excerpt(hostileReview(text)), hostileOptions(text))
		assertHarmless(t, got)
		if n := strings.Count(got, "<!--"); n != 1 || !strings.HasPrefix(got, "<!-- registrar plan: production/plan -->\n") {
			t.Errorf("%q: %d comments, the first line is %q", text, n, got[:60])
		}
		outside := outsideCode(t, got)
		for _, bad := range []string{"team", "example", "close", "img", "pixel", "0123456789", "script", "<b", ":x:", "alert"} {
			if at := strings.Index(strings.ReplaceAll(outside, "git.example.org", ""), bad); at >= 0 {
				t.Errorf("%q: %q is outside of code:\n%s", text, bad, outside[max(0, at-100):min(len(outside), at+100)])
			}
		}
	}
}

var (
	htmlCodes = regexp.MustCompile("<code>[^<>`\n]*</code>")
	codeSpans = regexp.MustCompile("`[^`\n]+`")
	known     = regexp.MustCompile(`^(<details><summary>[^<>]*</summary>|</details>|<!-- registrar plan: [^<>]* -->)$`)
)

// outsideCode checks the structure of a Markdown document and returns what is in no code, with a mark where
// there was some.
func outsideCode(t *testing.T, markdown string) string {
	t.Helper()
	var outside []string
	fenced, details, columns := false, 0, 0
	for i, line := range strings.Split(markdown, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			if fenced = !fenced; !fenced && line != "```" || fenced && line != "```diff" && line != "```text" {
				t.Fatalf("line %d is no fence of ours: %q", i+1, line)
			}
			continue
		}
		if fenced {
			if line == "" || !strings.ContainsRune("+-!#", rune(line[0])) || line[1] != ' ' {
				t.Errorf("line %d of a block begins with nothing of ours: %q", i+1, line)
			}
			continue
		}
		bars := strings.Count(line, "|") // also those in code divide cells
		line = codeSpans.ReplaceAllString(htmlCodes.ReplaceAllString(line, "¶"), "¶")
		if strings.Contains(line, "`") {
			t.Errorf("line %d has an open span: %q", i+1, line)
		}
		if strings.ContainsAny(line, "<>") && !known.MatchString(line) {
			t.Errorf("line %d has HTML that is not ours: %q", i+1, line)
		}
		details += strings.Count(line, "<details>") - strings.Count(line, "</details>")
		if strings.HasPrefix(line, "|") {
			if columns > 0 && bars != columns {
				t.Errorf("line %d has %d bars, its table has %d: %q", i+1, bars, columns, line)
			}
			columns = bars
		} else {
			columns = 0
		}
		outside = append(outside, line)
	}
	if fenced || details != 0 {
		t.Errorf("a fence is open: %v, details that are open: %d", fenced, details)
	}
	return strings.Join(outside, "\n")
}

// A plan of any size keeps within the limit, whole in its parts, with its summary and true counts.
func TestMarkdownIsCut(t *testing.T) {
	many := func(syncs, operations int, text string) (*plan.Plan, view.Changes) {
		p := rich()
		d := &p.Destinations[0]
		d.Syncs = nil
		for i := range syncs {
			d.Syncs = append(d.Syncs, register.SyncSummary{
				Sync: fmt.Sprintf("sync.s%03d%s", i, text), Faculty: fmt.Sprint("f", i), Source: "source", Destination: d.Address, Table: "t", LiveRows: 10 * int64(operations),
				Counts: map[config.Operation]int64{config.Delete: int64(operations), config.Insert: 1}, Held: "held because of " + text,
			})
		}
		return p, func(s *register.SyncSummary, visit func(*plan.Change) error) error {
			for i := range operations + 1 {
				operation := config.Delete
				if i == operations {
					operation = config.Insert
				}
				c := plan.Change{Sync: s.Sync, Operation: operation, Key: key(fmt.Sprint("K", i)), Columns: []plan.ColumnChange{changed("name", nil, plain(text+"x"))}}
				if err := visit(&c); err != nil {
					return err
				}
			}
			return nil
		}
	}
	for _, size := range []struct{ syncs, operations int }{{1, 5}, {1, 20_000}, {3, 2000}, {500, 3}, {500, 300}} {
		for _, text := range []string{"", "é𝄞" + actedUpon, strings.Repeat("`|<&", 200)} {
			for _, limit := range []int{0, 8 << 10, 300_000} {
				p, changes := many(size.syncs, size.operations, text)
				got := document(t, "md", p, changes, view.ReviewOptions{Limit: limit, Link: "https://git.example.org/jobs/1"})
				if length := utf8.RuneCountInString(got); limit == 0 && length > 65_536 || limit > 0 && len(got) > limit {
					t.Errorf("%+v %.10q limit %d: %d octets, %d characters", size, text, limit, len(got), length)
				}
				outsideCode(t, got)
				all := int64(size.syncs * size.operations)
				for _, want := range []string{
					fmt.Sprintf("**Plan: %d to insert, %d to delete.**", size.syncs, all), fmt.Sprintf("**Deletions: %d to delete**", all), "Held as a whole",
				} {
					if !strings.Contains(got, want) {
						t.Errorf("%+v %.10q limit %d: no %q in\n%.2000s", size, text, limit, want, got)
					}
				}
				written := strings.Count(got, "\n- delete ") + strings.Count(got, "\n+ insert ") // of the comparison there are none
				total := size.syncs * (size.operations + 1)
				cut := regexp.MustCompile(`\*\*Cut:\*\* ([\d,]+) of ([\d,]+) operations`).FindStringSubmatch(got)
				if written == total {
					continue
				}
				if cut == nil || strings.ReplaceAll(cut[1], ",", "") != fmt.Sprint(written) || strings.ReplaceAll(cut[2], ",", "") != fmt.Sprint(total) || !strings.Contains(got, "](https://git.example.org/jobs/1)") {
					t.Errorf("%+v %.10q limit %d: %d of %d operations are there, the notice says %q", size, text, limit, written, total, cut)
				}
			}
		}
	}
}

func plain(s string) *plan.Cell { return &plan.Cell{Text: s} }

func TestReviewOptionsAreChecked(t *testing.T) {
	for name, o := range map[string]view.ReviewOptions{
		"marker":   {Marker: "a -->"},
		"dashes":   {Marker: "a--b"},
		"script":   {Link: "javascript:alert(1)"},
		"password": {Link: "https://me:secret@git.example.org/"},
		"small":    {Limit: 100},
	} {
		var out bytes.Buffer
		err := view.New(&out, view.Options{}).PlanMarkdown(example(), view.Excerpt(example()), o)
		if err == nil || out.Len() > 0 || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: error %v, output %q", name, err, out.String())
		}
	}
}

func TestGitLabReport(t *testing.T) {
	p := example()
	p.Destinations[0].Syncs[0].Counts = map[config.Operation]int64{
		config.Insert: 1_000_000, config.Update: 1, config.Archive: 10, config.Delete: 20, config.Purge: 30, config.Undelete: 100, config.Rename: 200, config.Adopt: 300,
	}
	if got, want := document(t, "gitlab.json", p, nil, view.ReviewOptions{}), "{\"create\":999999,\"update\":601,\"delete\":60}\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSARIFIsValid(t *testing.T) {
	for name, p := range map[string]*plan.Plan{"rich": rich(), "hostile": hostileReview(actedUpon), "none": nil} {
		o := reviewOptions()
		if name == "hostile" {
			o = hostileOptions(actedUpon)
		}
		text := document(t, "sarif.json", p, nil, o)
		report, err := sarif.FromBytes([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := report.Validate(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
		run := report.Runs[0]
		for _, r := range run.Results {
			if rule := run.Tool.Driver.Rules[r.RuleIndex]; *rule.ID != *r.RuleID {
				t.Errorf("%s: rule %d is %s, not %s", name, r.RuleIndex, *rule.ID, *r.RuleID)
			}
			if len(r.Locations) != 1 {
				t.Errorf("%s: %s has %d locations, of which GitHub demands one", name, *r.RuleID, len(r.Locations))
			}
		}
	}
}

// qualityIssue is what GitLab reads of a Code Quality report.
type qualityIssue struct {
	Description string `json:"description"`
	CheckName   string `json:"check_name"`
	Fingerprint string `json:"fingerprint"`
	Severity    string `json:"severity"`
	Location    struct {
		Path  string `json:"path"`
		Lines struct {
			Begin int `json:"begin"`
		} `json:"lines"`
	} `json:"location"`
}

func issues(t *testing.T, p *plan.Plan, o view.ReviewOptions) []qualityIssue {
	t.Helper()
	var list []qualityIssue
	decoder := json.NewDecoder(strings.NewReader(document(t, "codequality.json", p, nil, o)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&list); err != nil {
		t.Fatal(err)
	}
	return list
}

func TestCodeQualityIsValid(t *testing.T) {
	for _, p := range []*plan.Plan{rich(), hostileReview(actedUpon), nil} {
		seen := map[string]bool{}
		for _, one := range issues(t, p, reviewOptions()) {
			if seen[one.Fingerprint] || len(one.Fingerprint) != 64 {
				t.Errorf("the fingerprint %q is not unique", one.Fingerprint)
			}
			seen[one.Fingerprint] = true
			if !slices.Contains([]string{"info", "minor", "major", "critical", "blocker"}, one.Severity) || one.Description == "" || one.CheckName == "" {
				t.Errorf("%+v", one)
			}
			if !strings.HasPrefix(one.Location.Path, "config/") || one.Location.Lines.Begin < 1 {
				t.Errorf("%s: the place is %+v", one.CheckName, one.Location)
			}
		}
		if len(seen) == 0 {
			t.Error("no issue at all")
		}
	}
}

// Places are those of the blocks, also for instances; what has none gets the first file.
func TestPlacesOfProblems(t *testing.T) {
	var got []string
	for _, one := range issues(t, rich(), reviewOptions()) {
		got = append(got, fmt.Sprintf("%s %s %s:%d", one.Severity, one.CheckName, one.Location.Path, one.Location.Lines.Begin))
	}
	want := []string{
		"minor configuration/unknown-column config/courses.hcl:4",
		"critical plan/held-back config/courses.hcl:40",
		"major plan/rejected config/courses.hcl:12",
		"minor plan/warned config/courses.hcl:12",
		"minor plan/unresolved config/courses.hcl:12",
		"info plan/renamed config/courses.hcl:12",
		"blocker plan/blocked config/courses.hcl:60",
		"critical plan/held config/courses.hcl:60",
		"critical plan/policy config/policies.hcl:1",
		"minor plan/policy config/checks.hcl:1",
		"critical plan/check config/checks.hcl:7",
		"minor plan/check config/checks.hcl:1",
		"info plan/check config/checks.hcl:1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	// Neither a file outside of the repository nor one that is absolute is a place in it.
	p := rich()
	p.Places = map[string]plan.Place{"sync.courses": {File: "../../other.hcl", Line: 2}, "sync.enrolments": {File: "/etc/x.hcl", Line: 2}}
	for _, one := range issues(t, p, view.ReviewOptions{Dir: "config/"}) {
		if one.Location.Path != "config" {
			t.Errorf("%s: %s", one.CheckName, one.Location.Path)
		}
	}
}

// A problem stays the same when lines come above it, and numbers change; two of a kind are two.
func TestFingerprintsAreStable(t *testing.T) {
	prints := func(p *plan.Plan, o view.ReviewOptions) []string {
		var list []string
		for _, one := range issues(t, p, o) {
			list = append(list, one.Fingerprint)
		}
		return list
	}
	before := prints(rich(), reviewOptions())
	p, o := rich(), reviewOptions()
	const above = "# one\n# two\n"
	o.Files = map[string][]byte{"courses.hcl": append([]byte(above), reviewFiles["courses.hcl"]...)}
	at := &o.Warnings[0].Subject
	at.Start.Line, at.End.Line = at.Start.Line+2, at.End.Line+2
	at.Start.Byte, at.End.Byte = at.Start.Byte+len(above), at.End.Byte+len(above)
	for address, place := range p.Places {
		p.Places[address] = plan.Place{File: place.File, Line: place.Line + 2}
	}
	s := &p.Destinations[0].Syncs[0]
	s.Rejected, s.BackReason = 99, "others"
	p.Destinations[0].Checks[3].Findings = 77
	p.Policies[0].Message = "5 rows"
	if diff := cmp.Diff(before, prints(p, o)); diff != "" {
		t.Errorf("fingerprints change with what is not theirs:\n%s", diff)
	}
	o = reviewOptions()
	o.Warnings = append(o.Warnings, o.Warnings[0])
	if list := prints(nil, o); len(list) != 2 || list[0] == list[1] {
		t.Errorf("two diagnostics on one line have the fingerprints %q", list)
	}
}

func TestPlanOfPoliciesAndComparison(t *testing.T) {
	render(t, "rich", showExcerpt(rich(), view.PlanOptions{}))
	p := example()
	p.Comparison = &plan.Comparison{Ref: "main", Unavailable: "the configuration of main cannot be planned: no such table"}
	render(t, "unavailable", showExcerpt(p, view.PlanOptions{}))
	p.Comparison = &plan.Comparison{Ref: "main"}
	render(t, "noeffect", showExcerpt(p, view.PlanOptions{}))
}

func TestPlanApprovals(t *testing.T) {
	render(t, "approvals", func(v *view.View) error {
		v.PlanSigner("ed25519:AAAA")
		v.PlanApprovals([]register.Approval{
			{ApprovedOn: noon, ExpiresOn: noon, ApprovedBy: "anna@desk", DatabaseUser: "anna"},
			{ApprovedOn: noon, ExpiresOn: noon, ApprovedBy: "bob@desk", Key: "ed25519:BBBB", Comment: "looked at\nall of it"},
		})
		v.PlanDisclosures([]register.Disclosure{{ShownOn: noon, ShownBy: "anna@desk"}})
		return nil
	})
}

// A program is told nothing of what to type next.
func TestAutomation(t *testing.T) {
	for _, automation := range []bool{false, true} {
		var out bytes.Buffer
		v := view.New(&out, view.Options{Automation: automation})
		v.PlanSaved(example(), "tfplan")
		v.PlanSaved(example(), "")
		if hints := strings.Contains(out.String(), "registrar apply"); hints == automation || !strings.Contains(out.String(), "Saved the plan to tfplan.") {
			t.Errorf("automation %v:\n%s", automation, out.String())
		}
	}
}
