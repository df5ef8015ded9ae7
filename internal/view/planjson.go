package view

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// planFormatVersion of the plan's JSON. Members may be added under a new minor version.
const planFormatVersion = "1.5"

// jsonPlan is all of a plan's JSON but its findings and operations, which are streamed.
type jsonPlan struct {
	FormatVersion string                     `json:"format_version"`
	PlanID        string                     `json:"plan_id"`
	CreatedOn     time.Time                  `json:"created_on"`
	CreatedBy     string                     `json:"created_by"`
	ExpiresOn     time.Time                  `json:"expires_on"`
	ConfigDigest  string                     `json:"config_digest"`
	GitCommit     string                     `json:"git_commit"`
	Speculative   bool                       `json:"speculative"`
	Purpose       *register.Purpose          `json:"purpose,omitempty"`
	Signer        string                     `json:"signer,omitempty"`
	Held          bool                       `json:"held"`
	Blocked       bool                       `json:"blocked"`
	HeldBack      bool                       `json:"held_back"`
	Truncated     bool                       `json:"truncated"`
	Applied       []Application              `json:"applied,omitempty"`
	Summary       map[config.Operation]int64 `json:"summary"`
	Syncs         []jsonSync                 `json:"syncs"`
	Checks        []jsonCheck                `json:"checks"`
	// Policies are those that the plan does not obey.
	Policies    []jsonPolicy     `json:"policies"`
	Comparison  *jsonComparison  `json:"comparison,omitempty"`
	Diagnostics []jsonDiagnostic `json:"diagnostics"`
}

type jsonSync struct {
	Address       string                     `json:"address"`
	Faculty       string                     `json:"faculty,omitempty"`
	Source        string                     `json:"source"`
	Destination   string                     `json:"destination"`
	Table         string                     `json:"table"`
	SourceRows    int64                      `json:"source_rows"`
	LiveRows      int64                      `json:"live_rows"`
	ArchivedRows  int64                      `json:"archived_rows"`
	Counts        map[config.Operation]int64 `json:"counts"`
	Withheld      map[config.Operation]int64 `json:"withheld,omitempty"`
	Hooks         []register.Hook            `json:"hooks,omitempty"`
	HeldBack      map[config.Operation]int64 `json:"held_back,omitempty"`
	BackReason    string                     `json:"back_reason,omitempty"`
	Ignored       int64                      `json:"ignored"`
	Rejected      int64                      `json:"rejected"`
	Warned        int64                      `json:"warned"`
	Unresolved    int64                      `json:"unresolved"`
	Protected     int64                      `json:"protected"`
	Changed       int64                      `json:"changed"`
	LikelyRenames int64                      `json:"likely_renames"`
	Incremental   *jsonIncremental           `json:"incremental,omitempty"`
	Fingerprints  *jsonFingerprints          `json:"fingerprints,omitempty"`
	Held          string                     `json:"held,omitempty"`
	Blocked       string                     `json:"blocked,omitempty"`
	// Truncated: resource_changes holds only the first of its operations.
	Truncated bool `json:"truncated"`
}

type jsonCheck struct {
	Address  string               `json:"address"`
	Severity config.CheckSeverity `json:"severity"`
	Code     string               `json:"code,omitempty"`
	Count    int64                `json:"count"`
	Blocks   []string             `json:"blocks"`
}

type jsonFinding struct {
	Sync string               `json:"sync"`
	Kind register.FindingKind `json:"kind"`
	Key  map[string]*string   `json:"key"`
	// Pseudonyms stand for sensitive parts of the key, by column.
	Pseudonyms map[string]string    `json:"pseudonyms,omitempty"`
	Message    string               `json:"message,omitempty"`
	Operation  config.Operation     `json:"operation,omitempty"`
	Severity   config.CheckSeverity `json:"severity,omitempty"`
	Code       string               `json:"code,omitempty"`
	Detail     string               `json:"detail"`
}

func findingDocument(n *plan.Notice) jsonFinding {
	key, _ := keyDocument(n.Key)
	return jsonFinding{
		Sync: n.Sync, Kind: n.Kind, Key: key, Pseudonyms: pseudonyms(n.Key), Message: n.Message, Operation: n.Operation, Severity: n.Severity, Code: n.Code, Detail: n.Detail,
	}
}

type jsonChange struct {
	Address   string             `json:"address"`
	Sync      string             `json:"sync"`
	Table     string             `json:"table"`
	Operation config.Operation   `json:"operation"`
	Key       map[string]*string `json:"key"`
	// Pseudonyms stand for sensitive parts of the key, by column.
	Pseudonyms map[string]string `json:"pseudonyms,omitempty"`
	Change     jsonValues        `json:"change"`
	Reason     string            `json:"action_reason"`
	// Truncated: a value is longer than what stands here.
	Truncated bool `json:"truncated,omitempty"`
	// Redacted: the values were, and maybe the key.
	Redacted bool `json:"redacted,omitempty"`
}

type jsonValues struct {
	Actions         []string           `json:"actions"`
	Before          map[string]*string `json:"before"`
	After           map[string]*string `json:"after"`
	AfterUnknown    map[string]bool    `json:"after_unknown"`
	BeforeSensitive map[string]bool    `json:"before_sensitive"`
	AfterSensitive  map[string]bool    `json:"after_sensitive"`
}

// JSONOptions say what goes into a plan's JSON.
type JSONOptions struct {
	// Whole: the changes are all operations; otherwise the plan's excerpt.
	Whole bool
	// Notices are the findings to write; nil: those that the plan carries.
	Notices Notices
	// Applied says where the plan was applied; nil where it was not, or where nobody looked.
	Applied []Application
	// Signer is the key that signed the plan's file, as signature.PublicText writes it; "" for none.
	Signer   string
	Warnings config.Diagnostics
	Files    map[string][]byte // the configuration's, for snippets
}

// PlanJSON writes a plan in the shape of terraform show -json. Findings and operations are
// written as they come, one to a line.
func (v *View) PlanJSON(p *plan.Plan, changes Changes, o JSONOptions) error {
	return v.bundled(func() error { return v.planJSON(p, changes, o) })
}

func (v *View) planJSON(p *plan.Plan, changes Changes, o JSONOptions) error {
	document := planDocument(p, o.Whole)
	document.Diagnostics, document.Applied, document.Signer = diagnosticDocuments(o.Warnings, o.Files), o.Applied, o.Signer
	head, err := encode(document)
	if err != nil {
		return err
	}
	// The findings and operations go into the object that encode closed.
	fmt.Fprintf(v.out, "%s,\n", head[:len(head)-1])
	if err := v.findingsJSON(p, o.Notices); err != nil {
		return err
	}
	fmt.Fprint(v.out, ",\n")
	list := v.beginList("resource_changes")
	for i := range p.Destinations {
		for j := range p.Destinations[i].Syncs {
			s := &p.Destinations[i].Syncs[j]
			err := changes(s, func(c *plan.Change) error { return list.add(changeDocument(c, s.Table)) })
			if err != nil {
				return err
			}
		}
	}
	list.end()
	fmt.Fprint(v.out, "}\n")
	return v.out.err
}

func (v *View) findingsJSON(p *plan.Plan, notices Notices) error {
	if notices == nil {
		notices = Carried(p)
	}
	list := v.beginList("findings")
	for i := range p.Destinations {
		for j := range p.Destinations[i].Syncs {
			s := &p.Destinations[i].Syncs[j]
			for _, kind := range plan.Noticed(s) {
				if err := notices(s, kind, func(n *plan.Notice) error { return list.add(findingDocument(n)) }); err != nil {
					return err
				}
			}
		}
	}
	for _, c := range allChecks(p) {
		for i := range c.Notices {
			finding := findingDocument(&c.Notices[i])
			finding.Sync, finding.Kind, finding.Severity, finding.Code = c.Check, register.Checked, c.Severity, c.Code
			if err := list.add(finding); err != nil {
				return err
			}
		}
	}
	list.end()
	return nil
}

// jsonList is a member whose elements are written one by one.
type jsonList struct {
	v         *View
	separator string
}

func (v *View) beginList(name string) *jsonList {
	fmt.Fprintf(v.out, "%q:[", name)
	return &jsonList{v: v, separator: "\n"}
}

func (l *jsonList) add(element any) error {
	text, err := encode(element)
	if err != nil {
		return err
	}
	fmt.Fprintf(l.v.out, "%s%s", l.separator, text)
	l.separator = ",\n"
	return l.v.out.err
}

func (l *jsonList) end() { fmt.Fprint(l.v.out, "\n]") }

func planDocument(p *plan.Plan, whole bool) *jsonPlan {
	out := &jsonPlan{
		FormatVersion: planFormatVersion, PlanID: p.ID, CreatedOn: p.CreatedOn, CreatedBy: p.CreatedBy, ExpiresOn: p.ExpiresOn,
		ConfigDigest: p.ConfigDigest, GitCommit: p.GitCommit, Speculative: p.Speculative, Purpose: p.Purpose, Held: p.Held(), Blocked: p.Blocked(), HeldBack: p.HeldBack(),
		Summary: all(total(p.Syncs())), Syncs: []jsonSync{}, Checks: []jsonCheck{}, Policies: policyDocuments(p),
	}
	for i := range p.Destinations {
		part := &p.Destinations[i]
		carried := map[string]int64{}
		for _, c := range part.Excerpt {
			carried[c.Sync]++
		}
		for j := range part.Syncs {
			s := &part.Syncs[j]
			truncated := !whole && carried[s.Sync] < s.Total()
			out.Truncated = out.Truncated || truncated
			out.Syncs = append(out.Syncs, jsonSync{
				Address: s.Sync, Faculty: s.Faculty, Source: s.Source, Destination: s.Destination, Table: s.Table,
				SourceRows: s.SourceRows, LiveRows: s.LiveRows, ArchivedRows: s.ArchivedRows,
				Counts: all(s.Counts), Withheld: s.Withheld, Hooks: s.Hooks, HeldBack: s.HeldBack, BackReason: s.BackReason,
				Ignored: s.Ignored, Rejected: s.Rejected, Warned: s.Warned, Unresolved: s.Unresolved, Protected: s.Protected, Changed: s.Changed, LikelyRenames: s.LikelyRenames,
				Incremental: incrementalDocument(s.Incremental), Fingerprints: fingerprintsDocument(s.Fingerprints),
				Held: s.Held, Blocked: s.Blocked, Truncated: truncated,
			})
		}
	}
	out.Comparison = comparisonDocument(p.Comparison)
	for _, c := range allChecks(p) {
		out.Checks = append(out.Checks, jsonCheck{
			Address: c.Check, Severity: c.Severity, Code: c.Code, Count: c.Findings, Blocks: append([]string{}, c.Blocks...),
		})
	}
	return out
}

// all returns the counts with a number for every operation.
func all(c map[config.Operation]int64) map[config.Operation]int64 {
	out := make(map[config.Operation]int64, len(config.Operations))
	for _, operation := range config.Operations {
		out[operation] = c[operation]
	}
	return out
}

func changeDocument(c *plan.Change, table string) *jsonChange {
	key, label := keyDocument(c.Key)
	out := &jsonChange{
		Address: c.Sync + "#" + label, Sync: c.Sync, Table: table, Operation: c.Operation, Key: key, Pseudonyms: pseudonyms(c.Key),
		Change: jsonValues{
			Actions: actions[c.Operation], AfterUnknown: map[string]bool{}, BeforeSensitive: map[string]bool{}, AfterSensitive: map[string]bool{},
		},
		Reason: reasons[c.Operation], Redacted: c.Redacted,
	}
	values := &out.Change
	for _, column := range c.Columns {
		if column.Before != nil {
			put(&values.Before, values.BeforeSensitive, column.Column, column.Before)
			out.Truncated = out.Truncated || column.Before.Length > 0
		}
		switch {
		case column.After == nil:
		case column.After.Now:
			values.AfterUnknown[column.Column] = true
		case column.After.Unknown:
			values.AfterUnknown[column.Column] = true
			putKeys(&values.After, values.AfterSensitive, column.Column, column.After)
		default:
			put(&values.After, values.AfterSensitive, column.Column, column.After)
			out.Truncated = out.Truncated || column.After.Length > 0
		}
	}
	return out
}

func put(values *map[string]*string, sensitive map[string]bool, column string, c *plan.Cell) {
	if *values == nil {
		*values = map[string]*string{}
	}
	(*values)[column] = nil
	switch {
	case c.Sensitive:
		sensitive[column] = true
	case !c.Null && !c.Unknown:
		(*values)[column] = &c.Text
	}
	putKeys(values, sensitive, column, c)
}

// putKeys adds the business keys of a lookup, as "column.key".
func putKeys(values *map[string]*string, sensitive map[string]bool, column string, c *plan.Cell) {
	for i := range c.Keys {
		put(values, sensitive, column+"."+c.Keys[i].Column, &c.Keys[i])
	}
}

// keyDocument returns a key by its columns, and as the end of an address: its parts
// joined by commas. A sensitive part is null, and (sensitive) in the address; instead of
// one that is looked up there are its business keys.
func keyDocument(key []plan.Cell) (map[string]*string, string) {
	values, parts := map[string]*string{}, []string{}
	none := map[string]bool{}
	for i := range key {
		cell := &key[i]
		if cell.Redacted {
			parts = append(parts, addressCell(cell))
			continue
		}
		if len(cell.Keys) == 0 {
			put(&values, none, cell.Column, cell)
			parts = append(parts, addressCell(cell))
		}
		putKeys(&values, none, cell.Column, cell)
		for j := range cell.Keys {
			parts = append(parts, addressCell(&cell.Keys[j]))
		}
	}
	return values, strings.Join(parts, ",")
}

// pseudonyms are those of a key's sensitive parts, by column, or "column.key" for the business key of a
// lookup; nil where there are none.
func pseudonyms(key []plan.Cell) map[string]string {
	var out map[string]string
	var collect func(prefix string, cells []plan.Cell)
	collect = func(prefix string, cells []plan.Cell) {
		for i := range cells {
			if c := &cells[i]; c.Pseudonym != "" {
				if out == nil {
					out = map[string]string{}
				}
				out[prefix+c.Column] = c.Pseudonym
			}
			collect(prefix+cells[i].Column+".", cells[i].Keys)
		}
	}
	collect("", key)
	return out
}

func addressCell(c *plan.Cell) string {
	switch {
	case c.Sensitive:
		return hiddenText(c)
	case c.Null:
		return "null"
	default:
		return addressPart(c.Text)
	}
}

// addressPart writes as %XX, octet by octet, what would make an address
// ambiguous: separators, percent signs and what cannot be printed.
func addressPart(text string) string {
	var out strings.Builder
	for _, r := range text {
		if r == '%' || r == ',' || r == '#' || !unicode.IsPrint(r) {
			for _, octet := range []byte(string(r)) {
				fmt.Fprintf(&out, "%%%02X", octet)
			}
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
}

var (
	// actions are Terraform's, so that its readers understand them.
	actions = map[config.Operation][]string{
		config.Insert: {"create"}, config.Update: {"update"}, config.Archive: {"delete"}, config.Delete: {"delete"}, config.Undelete: {"update"},
		config.Rename: {"update"}, config.Adopt: {"update"}, config.Purge: {"delete"},
	}
	reasons = map[config.Operation]string{
		config.Insert:   "insert_because_not_in_destination",
		config.Update:   "update_because_values_differ",
		config.Archive:  "archive_because_not_in_source",
		config.Delete:   "delete_because_not_in_source",
		config.Undelete: "undelete_because_again_in_source",
		config.Rename:   "rename_because_key_moved",
		config.Adopt:    "adopt_because_of_another_origin",
		config.Purge:    "purge_because_archived_for_long",
	}
)
