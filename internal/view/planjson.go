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

// jsonPlan is all of a plan's JSON but its operations, which are streamed.
type jsonPlan struct {
	FormatVersion string                     `json:"format_version"`
	PlanID        string                     `json:"plan_id"`
	CreatedOn     time.Time                  `json:"created_on"`
	CreatedBy     string                     `json:"created_by"`
	ExpiresOn     time.Time                  `json:"expires_on"`
	ConfigDigest  string                     `json:"config_digest"`
	GitCommit     string                     `json:"git_commit"`
	Speculative   bool                       `json:"speculative"`
	Held          bool                       `json:"held"`
	Truncated     bool                       `json:"truncated"`
	Summary       map[config.Operation]int64 `json:"summary"`
	Syncs         []jsonSync                 `json:"syncs"`
	Findings      []jsonFinding              `json:"findings"`
	Diagnostics   []jsonDiagnostic           `json:"diagnostics"`
}

type jsonSync struct {
	Address     string                     `json:"address"`
	Faculty     string                     `json:"faculty,omitempty"`
	Source      string                     `json:"source"`
	Destination string                     `json:"destination"`
	Table       string                     `json:"table"`
	SourceRows  int64                      `json:"source_rows"`
	LiveRows    int64                      `json:"live_rows"`
	Counts      map[config.Operation]int64 `json:"counts"`
	Withheld    map[config.Operation]int64 `json:"withheld,omitempty"`
	Ignored     int64                      `json:"ignored"`
	Held        string                     `json:"held,omitempty"`
	// Truncated: resource_changes holds only the first of its operations.
	Truncated bool `json:"truncated"`
}

type jsonFinding struct {
	Sync   string               `json:"sync"`
	Kind   register.FindingKind `json:"kind"`
	Key    map[string]*string   `json:"key"`
	Detail string               `json:"detail"`
}

type jsonChange struct {
	Address   string             `json:"address"`
	Sync      string             `json:"sync"`
	Table     string             `json:"table"`
	Operation config.Operation   `json:"operation"`
	Key       map[string]*string `json:"key"`
	Change    jsonValues         `json:"change"`
	Reason    string             `json:"action_reason"`
	// Truncated: a value is longer than what stands here.
	Truncated bool `json:"truncated,omitempty"`
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
	Whole    bool
	Warnings config.Diagnostics
	Files    map[string][]byte // the configuration's, for snippets
}

// PlanJSON writes a plan in the shape of terraform show -json. The operations are
// written as they come, one to a line.
func (v *View) PlanJSON(p *plan.Plan, changes Changes, o JSONOptions) error {
	document := planDocument(p, o.Whole)
	document.Diagnostics = diagnosticDocuments(o.Warnings, o.Files)
	head, err := encode(document)
	if err != nil {
		return err
	}
	// The operations go into the object that encode closed.
	fmt.Fprintf(v.out, "%s,\n\"resource_changes\":[", head[:len(head)-1])
	separator := "\n"
	for i := range p.Destinations {
		for j := range p.Destinations[i].Syncs {
			s := &p.Destinations[i].Syncs[j]
			err := changes(s, func(c *plan.Change) error {
				text, err := encode(changeDocument(c, s.Table))
				if err != nil {
					return err
				}
				fmt.Fprintf(v.out, "%s%s", separator, text)
				separator = ",\n"
				return v.out.err
			})
			if err != nil {
				return err
			}
		}
	}
	fmt.Fprint(v.out, "\n]}\n")
	return v.out.err
}

func planDocument(p *plan.Plan, whole bool) *jsonPlan {
	out := &jsonPlan{
		FormatVersion: formatVersion, PlanID: p.ID, CreatedOn: p.CreatedOn, CreatedBy: p.CreatedBy, ExpiresOn: p.ExpiresOn,
		ConfigDigest: p.ConfigDigest, GitCommit: p.GitCommit, Speculative: p.Speculative, Held: p.Held(),
		Summary: all(total(p.Syncs())), Syncs: []jsonSync{}, Findings: []jsonFinding{},
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
				SourceRows: s.SourceRows, LiveRows: s.LiveRows, Counts: all(s.Counts), Withheld: s.Withheld, Ignored: s.Ignored,
				Held: s.Held, Truncated: truncated,
			})
		}
		for _, n := range part.Notices {
			key, _ := keyDocument(n.Key)
			out.Findings = append(out.Findings, jsonFinding{Sync: n.Sync, Kind: n.Kind, Key: key, Detail: n.Detail})
		}
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
		Address: c.Sync + "#" + label, Sync: c.Sync, Table: table, Operation: c.Operation, Key: key,
		Change: jsonValues{
			Actions: actions[c.Operation], AfterUnknown: map[string]bool{}, BeforeSensitive: map[string]bool{}, AfterSensitive: map[string]bool{},
		},
		Reason: reasons[c.Operation],
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
	case !c.Null:
		(*values)[column] = &c.Text
	}
}

// keyDocument returns a key by its columns, and as the end of an address: its parts
// joined by commas. A sensitive part is null, and (sensitive) in the address.
func keyDocument(key []plan.Cell) (map[string]*string, string) {
	values, parts := map[string]*string{}, make([]string, len(key))
	for i := range key {
		cell := &key[i]
		put(&values, map[string]bool{}, cell.Column, cell)
		switch {
		case cell.Sensitive:
			parts[i] = "(sensitive)"
		case cell.Null:
			parts[i] = "null"
		default:
			parts[i] = addressPart(cell.Text)
		}
	}
	return values, strings.Join(parts, ",")
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
	}
	reasons = map[config.Operation]string{
		config.Insert:   "insert_because_not_in_destination",
		config.Update:   "update_because_values_differ",
		config.Archive:  "archive_because_not_in_source",
		config.Delete:   "delete_because_not_in_source",
		config.Undelete: "undelete_because_again_in_source",
	}
)
