package cli

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/plan"
)

// outputFormat is how a command writes its result; "" is text.
type outputFormat string

const (
	formatText        outputFormat = "text"
	formatJSON        outputFormat = "json"
	formatMarkdown    outputFormat = "markdown"
	formatHTML        outputFormat = "html"
	formatGitLab      outputFormat = "gitlab"
	formatSARIF       outputFormat = "sarif"
	formatCodeQuality outputFormat = "codequality"
)

// isReport reports whether a format is of diagnostics, so that those of a failure go into it, too.
func (f outputFormat) isReport() bool { return f == formatSARIF || f == formatCodeQuality }

// isDocument reports whether warnings go into what is written.
func (f outputFormat) isDocument() bool {
	return f.isReport() || f == formatMarkdown || f == formatHTML
}

// formatOptions are the flags that say how a result is written.
type formatOptions struct {
	format, marker, title, link string
	limit                       int
	json                        bool
}

// addFormat adds --format, and --json, which is the older name of one.
func (o *formatOptions) addFormat(f *pflag.FlagSet, json string, known ...outputFormat) {
	names := make([]string, len(known))
	for i, format := range known {
		names[i] = string(format)
	}
	f.StringVar(&o.format, "format", "", "write as `FORMAT`: "+strings.Join(names, ", ")+" (default text)")
	f.BoolVar(&o.json, "json", false, json)
}

// addReview adds the formats of a plan, and what goes with them.
func (o *formatOptions) addReview(f *pflag.FlagSet, json string) {
	o.addFormat(f, json, reviewFormats()...)
	f.StringVar(&o.marker, "marker", "", "with markdown: begin with a hidden mark of `NAME`, by which a job finds its comment again")
	f.StringVar(&o.title, "title", "", "with markdown and html: head it with `TEXT`")
	f.StringVar(&o.link, "link", "", "with markdown and html: the `URL` where the whole plan is to be seen")
	f.IntVar(&o.limit, "limit", 0, "with markdown: cut it to `N` octets (default what a comment may have, 65,536)")
}

func reviewFormats() []outputFormat {
	return []outputFormat{formatText, formatJSON, formatMarkdown, formatHTML, formatGitLab, formatSARIF, formatCodeQuality}
}

// choose returns the format that the flags ask for, one of those known.
func (o *formatOptions) choose(known ...outputFormat) (outputFormat, error) {
	chosen := outputFormat(o.format)
	switch {
	case o.json && chosen != "" && chosen != formatJSON:
		return "", fmt.Errorf("--json is --format json: it does not go with --format %s", chosen)
	case o.json:
		chosen = formatJSON
	case chosen == "":
		chosen = formatText
	case !slices.Contains(known, chosen):
		return "", fmt.Errorf("--format %q: expected one of %v", o.format, known)
	}
	switch {
	case o.limit < 0:
		return "", fmt.Errorf("--limit %d: must not be negative", o.limit)
	case (o.marker != "" || o.limit != 0) && chosen != formatMarkdown:
		return "", errors.New("--marker and --limit go with --format markdown")
	case (o.title != "" || o.link != "") && chosen != formatMarkdown && chosen != formatHTML:
		return "", errors.New("--title and --link go with --format markdown and --format html")
	}
	return chosen, nil
}

// writeAs sets how the command writes its result.
func (a *app) writeAs(ctx context.Context, format outputFormat, o formatOptions) {
	a.output, a.json = format, format == formatJSON
	a.review = view.ReviewOptions{Limit: o.limit, Marker: o.marker, Title: o.title, Link: o.link}
	if format.isDocument() {
		a.review.Dir = a.prefix(ctx)
	}
}

// prefix is the configuration's directory within its git checkout, "" or with a slash at its end.
func (a *app) prefix(ctx context.Context) string {
	git := exec.CommandContext(ctx, "git", "rev-parse", "--show-prefix")
	git.Dir = a.dir()
	git.Env = a.env.Environ
	out, err := git.Output()
	if err != nil {
		return "" // no checkout, or no git
	}
	return strings.TrimSuffix(string(out), "\n")
}

func (a *app) reviewOptions(notices view.Notices, diags config.Diagnostics) view.ReviewOptions {
	o := a.review
	o.Notices, o.Warnings, o.Files = notices, diags, a.files
	return o
}

// writeReport writes diagnostics and, unless p is nil, what a plan found, in the format chosen.
func (a *app) writeReport(p *plan.Plan, diags config.Diagnostics) error {
	if a.output == formatSARIF {
		return a.out().SARIF(p, a.reviewOptions(nil, diags))
	}
	return a.out().CodeQuality(p, a.reviewOptions(nil, diags))
}

// mostShown is how many operations of a sync the format shows at most, so that no more are asked for; 0: all. Text shows as many
// as given.
func (a *app) mostShown(text int) int {
	switch a.output {
	case formatHTML:
		return view.MostOnPage
	case formatMarkdown:
		return view.MostInMarkdown(a.review.Limit)
	case formatGitLab, formatSARIF, formatCodeQuality:
		return 1 // they show none
	case formatText, formatJSON, formatCSV:
	}
	return text
}

// writeDocument writes a plan in a format that is neither text nor JSON. notices are nil for those that the plan carries.
func (a *app) writeDocument(p *plan.Plan, changes view.Changes, notices view.Notices) error {
	switch a.output {
	case formatMarkdown:
		return a.out().PlanMarkdown(p, changes, a.reviewOptions(notices, a.warnings))
	case formatHTML:
		return a.out().PlanHTML(p, changes, a.reviewOptions(notices, a.warnings))
	case formatGitLab:
		return a.out().PlanGitLab(p)
	case formatSARIF, formatCodeQuality:
		return a.writeReport(p, a.warnings)
	case formatText, formatJSON, formatCSV:
	}
	return fmt.Errorf("%q is no format of a document", a.output)
}
