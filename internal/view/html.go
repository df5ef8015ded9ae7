package view

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

//go:embed page/page.html
var pageHTML string

//go:embed page/page.css
var pageStyle string

//go:embed page/page.js
var pageScript string

const (
	// maxPageOperations bounds the operations of a page, and maxPage its octets: browsers stay quick.
	maxPageOperations = 2000
	maxPage           = 8 << 20
	maxPageFindings   = 100 // of each kind of a sync
	// fewCompared syncs, of which plans differ, are listed without asking for them.
	fewCompared = 10
)

// page is what the template shows. Every text in it is free of characters that cannot be seen.
type page struct {
	Title, ID, Link, Purpose, Speculative string
	Security, Outcome, Verdict            string
	Style                                 template.CSS
	Script                                template.JS
	Comparison                            *pageComparison
	Totals                                []string
	Gone                                  string
	Holdings, Deletions                   []pageEntry
	Policies, Warnings                    pageRules
	Tables                                []pageTable
	Shown                                 string
	Faculties, Syncs, Columns             []pageChoice
	Operations                            []config.Operation
	Groups                                []pageGroup
	Findings                              []pageFinding
	Identity                              []pageEntry
}

type pageEntry struct{ Name, Text string }

// pageRules are policies that a plan does not obey.
type pageRules struct {
	Title   string
	Entries []pageEntry
}

// pageChoice is of a filter; the values are numbers.
type pageChoice struct {
	Value int
	Name  string
}

type pageTable struct {
	Caption, One string
	Operations   []config.Operation
	Rows         []pageRow
}

type pageRow struct {
	Name   string
	Counts []int64
}

// pageGroup are the operations of a sync.
type pageGroup struct {
	Name, Counts, From string
	Hooks              []string
	Operations         []pageOperation
	Rest               string

	sync  *register.SyncSummary
	total int64
}

type pageOperation struct {
	Class, Symbol, Key string
	Word               config.Operation
	// Sync, Faculty and Columns are the values of choices, Columns with blanks between them; "" for none.
	Sync, Faculty, Columns string
	Values                 []pageValue
}

type pageValue struct {
	Name, Before, After, Note string
	Both                      bool
}

type pageFinding struct {
	Name, Text string
	Lines      []string
	Rest       string
}

type pageComparison struct {
	Ref, Commit, Unavailable, Outcome string
	Syncs                             []pageCompared
	// Rows are the first of Syncs, and More says how many there are besides.
	Rows        []pageCompared
	More        string
	Open        bool // Syncs are few
	Besides     []pageEntry
	MoreBesides string
}

type pageCompared struct {
	Name, Note, Only, Gone string
	Parts                  []pagePart
}

type pagePart struct {
	Title, Counts, Rest string
	Operations          []pageOperation
}

// PlanHTML writes a plan as one page that needs no other file and asks no other host. Of a plan with many
// operations it shows some of each sync.
func (v *View) PlanHTML(p *plan.Plan, changes Changes, o ReviewOptions) error {
	if o.Notices == nil {
		o.Notices = Carried(p)
	}
	d, err := newPage(p, &o)
	if err != nil {
		return err
	}
	groups, err := d.groups(p, changes)
	if err != nil {
		return err
	}
	shape, err := template.New("page").Parse(pageHTML)
	if err != nil {
		return fmt.Errorf("parse the page: %w", err)
	}
	limit := o.Limit
	if limit == 0 {
		limit = maxPage
	}
	// Operations are of very different sizes: half of them are left out until the rest fits.
	for most := int64(maxPageOperations); ; most /= 2 {
		d.show(p, groups, most)
		var out bytes.Buffer
		if err := shape.Execute(&out, d); err != nil {
			return fmt.Errorf("render the page: %w", err)
		}
		if out.Len() <= limit {
			_, err := v.out.Write(out.Bytes())
			return err
		}
		if most == 0 {
			return fmt.Errorf("the page has %d octets without any operation, and the limit is %d: give a larger one", out.Len(), limit)
		}
	}
}

// source is a hash as a content security policy has it.
func source(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

func newPage(p *plan.Plan, o *ReviewOptions) (*page, error) {
	link, err := o.link()
	if err != nil {
		return nil, err
	}
	title := o.Title
	if title == "" {
		title = defaultTitle
	}
	d := &page{
		Title: OneLine(firstRunes(title, maxTitle)), ID: OneLine(p.ID), Link: link, Outcome: summaryLine(p), Verdict: verdict(p), Totals: findingTotals(p),
		Style: template.CSS(pageStyle), Script: template.JS(pageScript), // they are ours
		Security: "default-src 'none'; img-src data:; style-src " + source(pageStyle) + "; script-src " + source(pageScript) + "; base-uri 'none'; form-action 'none'",
	}
	d.Purpose = purposeText(p)
	if p.Speculative {
		d.Speculative = speculative
	}
	syncs := p.Syncs()
	if differs := differences(syncs); !p.Changes() && len(differs) > 0 {
		d.Outcome += " What differs is " + strings.Join(differs, " or ") + "."
	}
	for _, h := range holdings(p) {
		d.Holdings = append(d.Holdings, pageEntry{OneLine(h.sync), OneLine(h.reason)})
	}
	rules := func(title string, list []*register.PolicySummary) pageRules {
		r := pageRules{Title: title}
		for _, one := range list {
			r.Entries = append(r.Entries, pageEntry{OneLine(one.Policy), policyEffect(one) + ": " + OneLine(one.Message)})
		}
		return r
	}
	holding, warning := disobeyed(p)
	d.Policies, d.Warnings = rules(policiesThatHold, holding), rules(policiesThatWarn, warning)
	gone := counts{}
	for _, one := range largestRemovals(syncs) {
		gone[one.operation] += one.n
		d.Deletions = append(d.Deletions, pageEntry{OneLine(one.sync), one.text()})
	}
	d.Gone = gone.toDo()
	d.tables(p, syncs)
	d.compare(p.Comparison)
	if err := d.found(p, o); err != nil {
		return nil, err
	}
	d.Identity = []pageEntry{
		{"plan", d.ID},
		{"made", moment(p.CreatedOn) + " by " + OneLine(p.CreatedBy)},
		{"expires", moment(p.ExpiresOn)},
		{"configuration", OneLine(p.ConfigDigest)},
	}
	if p.GitCommit != "" {
		d.Identity = append(d.Identity, pageEntry{"commit", OneLine(p.GitCommit)})
	}
	for i := range p.Destinations {
		one := &p.Destinations[i]
		d.Identity = append(d.Identity, pageEntry{OneLine(one.Address), OneLine(one.Database) + ", operations " + OneLine(one.Digest)})
	}
	return d, nil
}

// tables count the operations per faculty and per sync.
func (d *page) tables(p *plan.Plan, syncs []register.SyncSummary) {
	if !p.Changes() {
		return
	}
	d.Operations = occurring(total(syncs))
	row := func(name string, c counts) pageRow {
		r := pageRow{Name: OneLine(name)}
		for _, operation := range d.Operations {
			r.Counts = append(r.Counts, c[operation])
		}
		return r
	}
	if faculties := faculties(syncs); len(faculties) > 1 {
		t := pageTable{Caption: "Operations by faculty", One: "faculty", Operations: d.Operations}
		for _, f := range faculties {
			t.Rows = append(t.Rows, row("faculty."+f.label, f.counts))
		}
		d.Tables = append(d.Tables, t)
	}
	t := pageTable{Caption: "Operations by sync", One: "sync", Operations: d.Operations}
	for _, s := range deletionsFirst(p) {
		t.Rows = append(t.Rows, row(s.Sync, s.Counts))
	}
	d.Tables = append(d.Tables, t)
}

func (d *page) compare(c *plan.Comparison) {
	if c == nil {
		return
	}
	out := &pageComparison{Ref: OneLine(c.Ref), Commit: OneLine(shortCommit(c.Commit)), Unavailable: OneLine(c.Unavailable)}
	only, gone, left := counts{}, counts{}, maxPageOperations/2
	for _, s := range comparedSyncs(c) {
		only.add(s.Only)
		gone.add(s.Gone)
		one := pageCompared{Name: OneLine(s.Sync), Note: comparedNote(s, OneLine), Only: counts(s.Only).orNone(), Gone: counts(s.Gone).orNone()}
		for _, part := range comparedParts(s) {
			shown := pagePart{Title: part.title, Counts: part.counts.toDo()}
			for i := range part.excerpt[:min(left, len(part.excerpt))] {
				shown.Operations = append(shown.Operations, operationOnPage(&part.excerpt[i]))
			}
			left -= len(shown.Operations)
			if rest := part.counts.sum() - int64(len(shown.Operations)); rest > 0 {
				shown.Rest = "(" + plural(rest, "more operation") + " not shown)"
			}
			one.Parts = append(one.Parts, shown)
		}
		out.Syncs = append(out.Syncs, one)
	}
	out.Rows = out.Syncs[:min(len(out.Syncs), maxRows)]
	if more := len(out.Syncs) - len(out.Rows); more > 0 {
		out.More = "… and " + plural(int64(more), "more sync") + ", see below"
	}
	out.Open = len(out.Syncs) <= fewCompared
	for i := range c.Besides[:min(len(c.Besides), maxRows)] {
		out.Besides = append(out.Besides, pageEntry{OneLine(c.Besides[i].Address), short(OneLine(differenceText(&c.Besides[i])))})
	}
	if more := len(c.Besides) - len(out.Besides); more > 0 {
		out.MoreBesides = "… and " + plural(int64(more), "more difference")
	}
	if len(out.Syncs) == 0 {
		out.Outcome = "No effect on the operations: " + noEffect
		d.Comparison = out
		return
	}
	out.Outcome = "Only with the change: " + only.orNone() + ". No longer with it: " + gone.orNone() + "."
	d.Comparison = out
}

// groups reads the operations that may have a place on the page, of each sync its share.
func (d *page) groups(p *plan.Plan, changes Changes) ([]pageGroup, error) {
	var faculties, columns []string
	number := func(list *[]string, name string) int {
		at := slices.Index(*list, name)
		if at < 0 {
			at = len(*list)
			*list = append(*list, name)
		}
		return at
	}
	syncs := deletionsFirst(p)
	totals := make([]int64, len(syncs))
	for i, s := range syncs {
		totals[i] = s.Total()
	}
	groups := make([]pageGroup, 0, len(syncs))
	for i, share := range shares(totals, maxPageOperations) {
		s := syncs[i]
		g := pageGroup{
			Name: OneLine(s.Sync), Counts: counts(s.Counts).toDo(), From: OneLine(s.Source + " → " + s.Destination + ", table " + s.Table), sync: s, total: totals[i],
		}
		for _, hook := range s.Hooks {
			g.Hooks = append(g.Hooks, OneLine(hook.When+" runs: "+hook.SQL))
		}
		faculty := ""
		if s.Faculty != "" {
			faculty = strconv.Itoa(number(&faculties, s.Faculty))
		}
		d.Syncs = append(d.Syncs, pageChoice{Value: i, Name: g.Name})
		err := changes(s, func(c *plan.Change) error {
			if int64(len(g.Operations)) >= share {
				return io.EOF
			}
			one := operationOnPage(c)
			one.Sync, one.Faculty = strconv.Itoa(i), faculty
			var touched []string
			for _, column := range c.Columns {
				if column.Changed {
					touched = append(touched, strconv.Itoa(number(&columns, column.Column)))
				}
			}
			one.Columns = strings.Join(touched, " ")
			g.Operations = append(g.Operations, one)
			return nil
		})
		if err = stopped(err); err != nil {
			return nil, err
		}
		groups = append(groups, g)
	}
	choices := func(names []string) []pageChoice {
		list := make([]pageChoice, len(names))
		for i, name := range names {
			list[i] = pageChoice{Value: i, Name: OneLine(name)}
		}
		slices.SortFunc(list, func(a, b pageChoice) int { return strings.Compare(a.Name, b.Name) })
		return list
	}
	d.Faculties, d.Columns = choices(faculties), choices(columns)
	return groups, nil
}

// show puts at most so many operations on the page.
func (d *page) show(p *plan.Plan, groups []pageGroup, most int64) {
	there := make([]int64, len(groups))
	var all, shown int64
	for i := range groups {
		there[i] = int64(len(groups[i].Operations))
		all += groups[i].total
	}
	d.Groups = slices.Clone(groups)
	for i, share := range shares(there, most) {
		g := &d.Groups[i]
		g.Operations = g.Operations[:share]
		shown += share
		if rest := g.total - share; rest > 0 {
			g.Rest = "(" + plural(rest, "more operation") + " not shown)"
		}
	}
	d.Shown = fmt.Sprintf("All %s are shown.", plural(all, "operation"))
	if shown < all {
		d.Shown = fmt.Sprintf("%s of %s operations are shown, some of each sync. All of them: registrar show --all %s", grouped(shown), grouped(all), OneLine(p.ID))
	}
}

// shares divides a number of places among those that want some: who wants few gets all of them.
func shares(wanted []int64, places int64) []int64 {
	out := make([]int64, len(wanted))
	order := make([]int, len(wanted))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(min(max(wanted[a]-wanted[b], -1), 1)) })
	for n, i := range order {
		out[i] = min(wanted[i], places/int64(len(order)-n))
		places -= out[i]
	}
	return out
}

func operationOnPage(c *plan.Change) pageOperation {
	out := pageOperation{Symbol: symbols[c.Operation], Word: c.Operation, Key: keyText(c.Key)}
	switch {
	case c.Operation.Removes():
		out.Class = "remove"
	case c.Operation == config.Insert:
		out.Class = "add"
	}
	if c.Operation == config.Rename {
		out.Key += " to " + keyText(newKey(c))
	}
	plain := New(io.Discard, Options{})
	for _, column := range c.Columns {
		if !column.Changed {
			continue
		}
		one := pageValue{Name: OneLine(column.Column), Both: column.Before != nil && column.After != nil}
		switch {
		case one.Both:
			one.Before, one.After = pairText(column.Before, column.After)
			one.Note = plain.lookedUpPair(column.Before, column.After)
		case column.Before != nil:
			one.Before, one.Note = cellText(column.Before), plain.lookedUp(column.Before)
		default:
			one.After, one.Note = cellText(column.After), plain.lookedUp(column.After)
		}
		one.Note = strings.TrimPrefix(strings.TrimSpace(one.Note), "# ")
		out.Values = append(out.Values, one)
	}
	return out
}

// found lists what the configuration's diagnostics, the checks and the syncs' records have to say.
func (d *page) found(p *plan.Plan, o *ReviewOptions) error {
	for _, one := range o.Warnings {
		d.Findings = append(d.Findings, pageFinding{Name: OneLine(one.Subject.String()), Text: OneLine(string(one.Severity) + ": " + one.Summary), Lines: []string{OneLine(one.Detail)}})
	}
	for _, c := range allChecks(p) {
		if c.Findings == 0 {
			continue
		}
		one := pageFinding{Name: OneLine(c.Check), Text: OneLine(string(c.Severity) + ", " + plural(c.Findings, "finding"))}
		for i := range c.Notices {
			one.Lines = append(one.Lines, noticeText(&c.Notices[i]))
		}
		one.rest(c.Findings - int64(len(c.Notices)))
		d.Findings = append(d.Findings, one)
	}
	for i := range p.Destinations {
		for j := range p.Destinations[i].Syncs {
			s := &p.Destinations[i].Syncs[j]
			for _, kind := range plan.Noticed(s) {
				lines, rest, err := findingLines(s, kind, o.Notices, maxPageFindings)
				if err != nil {
					return err
				}
				one := pageFinding{Name: OneLine(s.Sync), Text: findingText(kind, plan.Findings(s, kind)), Lines: lines}
				one.rest(rest)
				d.Findings = append(d.Findings, one)
			}
		}
	}
	return nil
}

func (f *pageFinding) rest(n int64) {
	if n > 0 {
		f.Rest = fmt.Sprintf("(%d more not shown)", n)
	}
}
