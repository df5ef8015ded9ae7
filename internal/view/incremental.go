package view

import (
	"fmt"
	"strconv"
	"time"

	"github.com/registrar-sync/registrar/register"
)

// readText says how much of an incremental sync's source a plan read.
func readText(i *register.Incremental) string {
	text := "full comparison, because " + i.Why
	if i.Mode == register.ReadChanged {
		since := i.Since
		if i.Sensitive {
			since = "(sensitive)"
		}
		text = fmt.Sprintf("incremental: records changed since %s (of the source's %s); deletions are looked for again after %s", since, i.Column, moment(i.FullAfter))
	}
	if i.LeftUndone != "" {
		text += "; read again next time, because of " + i.LeftUndone
	}
	return text
}

// fingerprintText says how much of its source a plan read for a sync that is compared by fingerprints.
func fingerprintText(s *register.SyncSummary) string {
	f := s.Fingerprints
	if f.Mode != register.ReadDiffering {
		return "full comparison, because " + f.Why
	}
	verb := "differ"
	if f.Differ == 1 {
		verb = "differs"
	}
	return fmt.Sprintf("compared by fingerprints: %s of %s buckets %s; %s of %s records were read",
		grouped(int64(f.Differ)), grouped(int64(f.Buckets)), verb, grouped(f.Read), grouped(s.SourceRows))
}

// grouped writes a number with a comma before each three digits.
func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// readings lists the incremental syncs: what was not read is as important as what was.
func (v *View) readings(syncs []register.SyncSummary) {
	headed := false
	for i := range syncs {
		s := &syncs[i]
		var text string
		switch {
		case s.Incremental != nil:
			text = readText(s.Incremental)
		case s.Fingerprints != nil:
			text = fingerprintText(s)
		default:
			continue
		}
		if !headed {
			fmt.Fprintln(v.out, "Of the sources:")
			headed = true
		}
		fmt.Fprintln(v.out, "  "+OneLine(s.Sync+": "+text))
	}
}

// partial counts the syncs of which only what changed was read.
func partial(syncs []register.SyncSummary) int64 {
	var n int64
	for i := range syncs {
		if syncs[i].Partial() {
			n++
		}
	}
	return n
}

// jsonIncremental is how much of a sync's source a plan read.
type jsonIncremental struct {
	Mode   register.ReadMode `json:"mode"`
	Reason string            `json:"reason,omitempty"`
	Column string            `json:"column"`
	// Since and Watermark are null where they are sensitive, or where there is none.
	Since      *string   `json:"since"`
	Watermark  *string   `json:"watermark"`
	LeftUndone string    `json:"left_undone,omitempty"`
	FullOn     time.Time `json:"full_on"`
	FullAfter  time.Time `json:"full_after"`
}

func incrementalDocument(i *register.Incremental) *jsonIncremental {
	if i == nil {
		return nil
	}
	known := func(text string) *string {
		if text == "" || i.Sensitive {
			return nil
		}
		return &text
	}
	return &jsonIncremental{
		Mode: i.Mode, Reason: i.Why, Column: i.Column, Since: known(i.Since), Watermark: known(i.Watermark), LeftUndone: i.LeftUndone,
		FullOn: i.FullOn, FullAfter: i.FullAfter,
	}
}

// jsonFingerprints is how a sync was compared by fingerprints.
type jsonFingerprints struct {
	Mode   register.ReadMode `json:"mode"`
	Reason string            `json:"reason,omitempty"`
	// Buckets that were read of all of them, and the records that these had; 0 where all was read.
	Buckets int   `json:"buckets"`
	Differ  int   `json:"differ"`
	Read    int64 `json:"read"`
}

func fingerprintsDocument(f *register.Fingerprints) *jsonFingerprints {
	if f == nil {
		return nil
	}
	return &jsonFingerprints{Mode: f.Mode, Reason: f.Why, Buckets: f.Buckets, Differ: f.Differ, Read: f.Read}
}
