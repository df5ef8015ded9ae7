package view

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// ReviewOptions say what of a plan goes into a document for those who review it.
type ReviewOptions struct {
	// Notices are the findings to write; nil: those that the plan carries.
	Notices Notices
	// Limit bounds the document, in octets; 0: the format's own bound.
	Limit int
	// Marker identifies the document among a merge request's comments: the hidden mark is made of it. At most 100
	// letters, digits and "._/:-", without "--"; "": "default".
	Marker string
	// Title is the document's; "": one of its own.
	Title string
	// Link is where the whole of it is to be found, such as a job's page: an http or https URL, or "" for nowhere.
	Link     string
	Warnings config.Diagnostics
	Files    map[string][]byte // the configuration's, for snippets; may be nil
	// Dir is the configuration's directory within the repository, which begins the paths of places: "" or with
	// a slash at its end.
	Dir string
}

const (
	defaultTitle = "registrar plan"
	maxTitle     = 100 // characters
	maxLink      = 500 // octets
	maxMessage   = 300 // characters of a reason or a message
)

// link checks the link and returns it without a character that HTML or Markdown knows.
func (o *ReviewOptions) link() (string, error) {
	if o.Link == "" {
		return "", nil
	}
	wrong := errors.New("the link is no URL that begins with http:// or https://, of at most 500 octets and without a password")
	u, err := url.Parse(o.Link)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return "", wrong // url.Parse's error repeats it
	}
	const plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#[]@!$&+,;=%"
	var out strings.Builder
	for _, octet := range []byte(u.String()) {
		if strings.IndexByte(plain, octet) >= 0 && octet != '[' && octet != ']' {
			out.WriteByte(octet)
		} else {
			fmt.Fprintf(&out, "%%%02X", octet)
		}
	}
	if out.Len() > maxLink {
		return "", wrong
	}
	return out.String(), nil
}

// mark is the text of the hidden mark.
func (o *ReviewOptions) mark() (string, error) {
	marker := o.Marker
	if marker == "" {
		marker = "default"
	}
	known := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._/:-", r)
	}
	if len(marker) > 100 || strings.Contains(marker, "--") || strings.ContainsFunc(marker, func(r rune) bool { return !known(r) }) {
		return "", fmt.Errorf("the marker %s is not made of at most 100 letters, digits and \"._/:-\", without \"--\"", quoted(marker, 0))
	}
	return marker, nil
}

// short cuts a message.
func short(text string) string {
	if cut := firstRunes(text, maxMessage); len(cut) < len(text) {
		return cut + "…"
	}
	return text
}

// verdict says in a line what may become of a plan.
func verdict(p *plan.Plan) string {
	switch {
	case p.Blocked():
		return "Held as a whole: none of it can be applied, not even with an override."
	case p.Held():
		return "Held as a whole: none of it is applied without an override."
	case p.HeldBack():
		return "Some of its operations are held back; the others may be applied."
	default:
		return ""
	}
}

// summaryLine is what a plan does, in a line.
func summaryLine(p *plan.Plan) string {
	if !p.Changes() {
		return "No changes."
	}
	return "Plan: " + total(p.Syncs()).toDo() + "."
}

// deletionsFirst lists the syncs that have operations, those first that remove the most rows, or the largest share of
// theirs.
func deletionsFirst(p *plan.Plan) []*register.SyncSummary {
	var all []*register.SyncSummary
	for i := range p.Destinations {
		for j := range p.Destinations[i].Syncs {
			if s := &p.Destinations[i].Syncs[j]; s.Total() > 0 {
				all = append(all, s)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b *register.SyncSummary) int {
		return moreFirst(a.Removed(), a.LiveRows+a.ArchivedRows, b.Removed(), b.LiveRows+b.ArchivedRows)
	})
	return all
}

// moreFirst orders numbers of rows, each of so many: the largest first, of equal ones the larger share.
func moreFirst(a, ofA, b, ofB int64) int {
	share := func(n, of int64) float64 { return float64(n) / float64(max(of, 1)) }
	return cmp.Or(cmp.Compare(b, a), cmp.Compare(share(b, ofB), share(a, ofA)))
}

// largestRemovals lists which syncs remove rows, and how many: the most first.
func largestRemovals(syncs []register.SyncSummary) []deletion {
	all := removals(syncs)
	slices.SortStableFunc(all, func(a, b deletion) int { return moreFirst(a.n, a.of, b.n, b.of) })
	return all
}

// faculties adds up the syncs' operations, those first of which the most rows are removed.
func faculties(syncs []register.SyncSummary) []facultyCounts {
	all, rows := byFaculty(syncs), map[string]int64{}
	for i := range syncs {
		rows[syncs[i].Faculty] += syncs[i].LiveRows + syncs[i].ArchivedRows
	}
	slices.SortStableFunc(all, func(a, b facultyCounts) int {
		return moreFirst(removed(a.counts), rows[a.label], removed(b.counts), rows[b.label])
	})
	return all
}

// occurring lists the operations that occur, those that remove rows first.
func occurring(c counts) []config.Operation {
	var list []config.Operation
	for _, operation := range config.Operations {
		if c[operation] > 0 {
			list = append(list, operation)
		}
	}
	slices.SortStableFunc(list, func(a, b config.Operation) int { return compareBool(b.Removes(), a.Removes()) })
	return list
}

// holding is why a sync is held, or a part of it held back.
type holding struct{ sync, reason string }

// holdings lists them, those first that keep the most rows from being removed.
func holdings(p *plan.Plan) []holding {
	var all []holding
	syncs := p.Syncs()
	kept := func(s *register.SyncSummary) int64 { return s.Removed() + removed(s.HeldBack) }
	slices.SortStableFunc(syncs, func(a, b register.SyncSummary) int {
		return moreFirst(kept(&a), a.LiveRows+a.ArchivedRows, kept(&b), b.LiveRows+b.ArchivedRows)
	})
	for i := range syncs {
		for _, reason := range reasonsToHold(&syncs[i]) {
			all = append(all, holding{sync: syncs[i].Sync, reason: reason})
		}
	}
	return all
}

// disobeyed divides the policies that a plan does not obey: those that only warn are apart.
func disobeyed(p *plan.Plan) (holding, warning []*register.PolicySummary) {
	for i := range p.Policies {
		if one := &p.Policies[i]; one.OnFailure == config.WarnPlan {
			warning = append(warning, one)
		} else {
			holding = append(holding, one)
		}
	}
	return holding, warning
}

const (
	policiesThatHold = "Policies that it does not obey"
	policiesThatWarn = "Policies that it does not obey, which only warn"
	noEffect         = "both configurations plan the same ones."
)

// findingLines are the findings of a sync's kind as text, and how many are not among them.
func findingLines(s *register.SyncSummary, kind register.FindingKind, notices Notices, most int64) (lines []string, rest int64, err error) {
	count := plan.Findings(s, kind)
	err = notices(s, kind, func(n *plan.Notice) error {
		if int64(len(lines)) == most {
			return io.EOF
		}
		switch {
		case kind != register.Renamed:
			lines = append(lines, noticeText(n))
		case n.Message == "":
			lines = append(lines, "a moved block whose key is sensitive")
		default:
			lines = append(lines, OneLine(strings.Join(strings.Fields(n.Message), " ")))
		}
		return nil
	})
	return lines, max(0, count-int64(len(lines))), err
}
