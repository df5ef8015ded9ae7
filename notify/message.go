package notify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/run"
)

// payloadVersion is that of message as JSON: what is there keeps its name and meaning in it.
const payloadVersion = 1

// message is what a notifier is told of a run. It is what a webhook gets as JSON; docs/notifications.md
// explains each field. Its texts are clean: valid UTF-8 without control characters, and not too long.
type message struct {
	Version          int       `json:"version"`
	Kind             string    `json:"kind"` // run, test or transfer
	Notifier         string    `json:"notifier"`
	RegistrarVersion string    `json:"registrar_version,omitempty"`
	Summary          string    `json:"summary"`
	Run              runInfo   `json:"run"`
	Units            []unit    `json:"units"`
	Ongoing          []ongoing `json:"ongoing,omitempty"`
	Transfer         *arrived  `json:"transfer,omitempty"`

	// names are those of the units, for a subject.
	names []string
	zone  *time.Location
	sent  time.Time
	// faculties are labels in the order of the configuration.
	faculties []string
}

type runInfo struct {
	ID           string      `json:"id"`
	Trigger      run.Trigger `json:"trigger,omitempty"`
	Schedule     string      `json:"schedule,omitempty"`
	Slot         time.Time   `json:"slot,omitzero"`
	StartedOn    time.Time   `json:"started_on,omitzero"`
	EndedOn      time.Time   `json:"ended_on,omitzero"`
	StartedBy    string      `json:"started_by,omitempty"`
	ConfigDigest string      `json:"config_digest,omitempty"`
	GitCommit    string      `json:"git_commit,omitempty"`
	URL          string      `json:"url,omitempty"`
}

type unit struct {
	Unit        string         `json:"unit"`
	Faculty     string         `json:"faculty,omitempty"`
	FacultyName string         `json:"faculty_name,omitempty"`
	Outcome     run.Outcome    `json:"outcome"`
	Events      []config.Event `json:"events"`
	Attempts    int            `json:"attempts,omitempty"`
	StartedOn   time.Time      `json:"started_on,omitzero"`
	EndedOn     time.Time      `json:"ended_on,omitzero"`
	// Since is when the trouble began, and MoreTimes how often it came since it was last told; of what
	// recovered, Since is when the trouble began that is over.
	Since     time.Time `json:"since,omitzero"`
	MoreTimes int64     `json:"more_times,omitempty"`
	Message   string    `json:"message,omitempty"`
	PlanID    string    `json:"plan_id,omitempty"`
	Commands  *commands `json:"commands,omitempty"`
	// Applied are the destinations in which a unit that failed was applied all the same.
	Applied  []string      `json:"applied,omitempty"`
	Syncs    []syncInfo    `json:"syncs"`
	Observed []observation `json:"observed,omitempty"`

	was string // the state before, where it differs
}

// commands are lines to copy, for a plan that is saved.
type commands struct {
	Show    string `json:"show"`
	Approve string `json:"approve,omitempty"` // of a held plan
	Rest    string `json:"rest,omitempty"`    // of one that was applied in some destinations
}

type syncInfo struct {
	Sync        string                     `json:"sync"`
	Faculty     string                     `json:"faculty,omitempty"`
	Destination string                     `json:"destination"`
	Table       string                     `json:"table"`
	Counts      map[config.Operation]int64 `json:"counts"`
	SourceRows  int64                      `json:"source_rows"`
	Rejected    int64                      `json:"rejected"`
	Warned      int64                      `json:"warned"`
	Unresolved  int64                      `json:"unresolved"`
	HeldBack    map[config.Operation]int64 `json:"held_back,omitempty"`
	Held        string                     `json:"held,omitempty"`
	Checks      map[string]int64           `json:"checks,omitempty"`
	Paused      string                     `json:"paused,omitempty"`
}

type observation struct {
	Observer string   `json:"observer"`
	Sync     string   `json:"sync"`
	Column   string   `json:"column"`
	Change   string   `json:"change"` // to "left"
	Rows     int64    `json:"rows"`
	Keys     []string `json:"keys,omitempty"`
}

// ongoing is trouble that was told before and goes on.
type ongoing struct {
	Unit  string    `json:"unit"`
	State string    `json:"state"` // failed or held
	Since time.Time `json:"since"`
}

// The longest texts, in characters.
const (
	maxName    = 200
	maxText    = 2000
	maxSubject = 150
	maxNames   = 3 // in a subject
	maxKeys    = 10
)

// compose makes the message of what was judged.
func compose(cfg *config.Config, n *config.Notifier, result *run.Result, units []told, o Options) *message {
	m := &message{
		Version: payloadVersion, Kind: "run", Notifier: n.Address, RegistrarVersion: o.Version, Units: []unit{},
		Run: runInfo{
			ID: line(result.ID), Trigger: result.Trigger, Schedule: line(result.Schedule), Slot: result.Slot.UTC(),
			StartedOn: result.StartedOn.UTC(), EndedOn: result.EndedOn.UTC(), StartedBy: line(result.StartedBy),
			ConfigDigest: result.ConfigDigest, GitCommit: result.GitCommit,
		},
		zone: zone(cfg, result.Schedule), sent: o.Now(),
	}
	if o.StatusURL != "" {
		m.Run.URL = o.StatusURL + "/runs/" + m.Run.ID
	}
	for _, f := range cfg.Faculties {
		m.faculties = append(m.faculties, f.Label)
	}
	for i := range units {
		t := &units[i]
		switch state := t.state(); {
		case len(t.events) > 0:
			m.Units = append(m.Units, describe(cfg, n, t, o.Program))
		case t.ofSync && (state == failed || state == held) && t.said.State == state && !t.said.SentOn.IsZero():
			m.Ongoing = append(m.Ongoing, ongoing{Unit: line(t.result.Unit), State: state, Since: t.said.Since.UTC()})
		}
	}
	// The worst first within a faculty, and for the rest as they ran.
	slices.SortStableFunc(m.Units, func(a, b unit) int {
		return cmp.Or(cmp.Compare(m.place(a.Faculty), m.place(b.Faculty)), cmp.Compare(gravity(&a), gravity(&b)))
	})
	m.Summary, m.names = m.summarize()
	return m
}

// place of a faculty in the message: as in the configuration, what is of none or several last.
func (m *message) place(faculty string) int {
	if i := slices.Index(m.faculties, faculty); i >= 0 {
		return i
	}
	return len(m.faculties)
}

// zone is where the people are who read the message.
func zone(cfg *config.Config, schedule string) *time.Location {
	for _, s := range cfg.Schedules {
		if s.Address == schedule && s.Timezone != nil {
			return s.Timezone
		}
	}
	if cfg.Settings.Timezone != nil {
		return cfg.Settings.Timezone
	}
	return time.UTC
}

// describe tells of a unit what its events are about.
func describe(cfg *config.Config, n *config.Notifier, t *told, program string) unit {
	r := t.result
	out := unit{
		Unit: line(r.Unit), Faculty: line(r.Faculty), Outcome: r.Outcome, Events: t.events, Attempts: r.Attempts,
		StartedOn: r.StartedOn.UTC(), EndedOn: r.EndedOn.UTC(), Message: text(r.Message), PlanID: line(r.PlanID), Syncs: []syncInfo{},
	}
	if r.Faculty != "" {
		out.FacultyName = facultyName(cfg, r.Faculty)
	}
	state := t.state()
	switch {
	case state == ok && (t.said.State == failed || t.said.State == held):
		out.Since, out.was = t.said.Since.UTC(), t.said.State
	case (state == failed || state == held) && (t.said.State == failed || t.said.State == held):
		out.Since = t.said.Since.UTC()
		if t.said.State == state {
			out.MoreTimes = t.said.Suppressed
		} else {
			out.was = t.said.State
		}
	}
	if r.Outcome == run.Failed {
		for _, address := range r.Applied {
			out.Applied = append(out.Applied, line(address))
		}
	}
	if r.PlanID != "" && t.ofSync {
		out.Commands = commandsFor(r, cmp.Or(program, "registrar"))
	}
	for i := range t.syncs {
		out.Syncs = append(out.Syncs, describeSync(&t.syncs[i]))
	}
	for _, o := range t.observed {
		out.Observed = append(out.Observed, describeObservation(cfg, n, o))
	}
	return out
}

// commandsFor are the lines for a unit's plan.
func commandsFor(r *run.UnitResult, program string) *commands {
	plan := line(r.PlanID)
	out := &commands{Show: program + " show " + plan}
	switch {
	case r.Outcome == run.Held && !r.Blocked:
		out.Approve = program + " apply " + plan + ` --override "reason"`
	case r.Outcome == run.Failed && len(r.Applied) > 0:
		out.Rest = program + " apply " + plan
	}
	return out
}

func facultyName(cfg *config.Config, label string) string {
	for _, f := range cfg.Faculties {
		if f.Label == label {
			return line(f.Name)
		}
	}
	return ""
}

func describeSync(s *run.SyncResult) syncInfo {
	out := syncInfo{
		Sync: line(s.Sync), Faculty: line(s.Faculty), Destination: line(s.Destination), Table: line(s.Table), Counts: s.Counts,
		SourceRows: s.SourceRows, Rejected: s.Rejected, Warned: s.Warned, Unresolved: s.Unresolved,
		HeldBack: s.HeldBack, Held: text(s.Held), Checks: s.Checks, Paused: text(s.Paused),
	}
	if out.Counts == nil {
		out.Counts = map[config.Operation]int64{}
	}
	return out
}

// describeObservation leaves the keys out where the column observed is masked: that a row is named
// would tell its value.
func describeObservation(cfg *config.Config, n *config.Notifier, o run.Observation) observation {
	out := observation{Observer: line(o.Observer), Sync: line(o.Sync), Rows: o.Rows}
	for _, known := range cfg.Observers {
		if known.Address == o.Observer && slices.Contains(known.Notify, n) {
			out.Column, out.Change = line(known.Column), change(known)
		}
	}
	if masked(cfg, o.Sync, out.Column) {
		return out
	}
	for _, key := range o.Keys[:min(len(o.Keys), maxKeys)] {
		out.Keys = append(out.Keys, line(key))
	}
	return out
}

func masked(cfg *config.Config, sync, column string) bool {
	for _, s := range cfg.Syncs {
		if s.Address != sync {
			continue
		}
		for _, c := range s.Columns {
			if c.Name == column || c.Lookup != nil && strings.HasPrefix(column, c.Name+".") {
				return c.Sensitive
			}
		}
	}
	return true
}

// change says what a column changed from and to.
func change(o *config.Observer) string {
	var parts []string
	end := func(word string, value *string, null bool) {
		switch {
		case null:
			parts = append(parts, word+" null")
		case value != nil:
			parts = append(parts, fmt.Sprintf("%s %q", word, line(*value)))
		}
	}
	end("from", o.From, o.FromNull)
	end("to", o.To, o.ToNull)
	return strings.Join(parts, " ")
}

// trial is the message of a test.
func trial(cfg *config.Config, n *config.Notifier, id string, o Options) *message {
	return &message{
		Version: payloadVersion, Kind: "test", Notifier: n.Address, RegistrarVersion: o.Version, Units: []unit{},
		Summary: "test message of " + n.Address, Run: runInfo{ID: line(id)},
		zone: zone(cfg, ""), sent: o.Now(),
	}
}

// line makes a text fit into one line of anything.
func line(s string) string { return clean(s, maxName, false) }

// text is line for what may have several.
func text(s string) string { return clean(s, maxText, true) }

// clean removes what could change how the text around is read: control characters, those that turn the
// direction of writing, and what is too long.
func clean(s string, most int, lines bool) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && lines:
			return r
		case unicode.IsControl(r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r):
			return ' '
		case unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar:
			return -1
		default:
			return r
		}
	}, strings.ToValidUTF8(s, ""))
	s = strings.TrimSpace(s)
	if runes := []rune(s); len(runes) > most {
		s = string(runes[:most]) + "…"
	}
	return s
}
