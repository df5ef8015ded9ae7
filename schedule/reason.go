package schedule

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/config"
)

// Reason says why nothing starts at a time. It may be shared: do not change it.
type Reason struct {
	Kind ReasonKind
	// Name is the exception's, "" otherwise.
	Name  string
	Range config.Range // what the configuration says of it
	// Text is for people: `exception "weekly optimisation", sun 09:00-11:00`.
	Text string
}

// ReasonKind tells reasons apart.
type ReasonKind string

// The reasons.
const (
	Inactive        ReasonKind = "inactive" // outside of the active periods
	OutsideWindow   ReasonKind = "window"
	Excepted        ReasonKind = "exception"
	ServiceInactive ReasonKind = "service inactive"
	ServiceWindow   ReasonKind = "service window"
	ServiceExcepted ReasonKind = "service exception"
	NoSlot          ReasonKind = "no slot"    // no slot of every, at or cron
	Superseded      ReasonKind = "superseded" // delayed until a later slot is due
)

// kinds are the reasons of a schedule, or those of the service.
type kinds struct {
	inactiveKind, windowKind, exceptionKind ReasonKind

	whose string // before a noun; "" for the schedule's own
}

func ownKinds() kinds { return kinds{Inactive, OutsideWindow, Excepted, ""} }

func serviceKinds() kinds {
	return kinds{ServiceInactive, ServiceWindow, ServiceExcepted, "the service's "}
}

func (k kinds) inactive(active []config.Period) *Reason {
	if len(active) == 0 {
		return nil
	}
	spans := make([]string, len(active))
	for i, p := range active {
		spans[i] = periodText(p)
	}
	return &Reason{Kind: k.inactiveKind, Range: active[0].Range, Text: fmt.Sprintf("outside %s (%s)", k.noun("active period", len(active)), listed(spans))}
}

func (k kinds) window(windows []config.Window) *Reason {
	if len(windows) == 0 {
		return nil
	}
	spans := make([]string, len(windows))
	for i, w := range windows {
		spans[i] = joined(daysText(w.Days), hoursText(w.Hours))
	}
	return &Reason{Kind: k.windowKind, Range: windows[0].Range, Text: fmt.Sprintf("outside %s (%s)", k.noun("window", len(windows)), listed(spans))}
}

func (k kinds) exception(e config.Exception) *Reason {
	dates := make([]string, len(e.Dates))
	for i, d := range e.Dates {
		dates[i] = d.Format(time.DateOnly)
	}
	when := joined(daysText(e.Days), listed(dates), periodText(e.Period), hoursText(e.Hours))
	if when == "" {
		when = "always"
	}
	return &Reason{Kind: k.exceptionKind, Name: e.Name, Range: e.Range, Text: fmt.Sprintf("%sexception %q, %s", k.whose, e.Name, when)}
}

func (k kinds) noun(noun string, n int) string {
	if n > 1 {
		noun += "s"
	}
	if k.whose != "" {
		return k.whose + noun
	}
	return "the " + noun
}

// superseded is the reason of a slot that r delays until the next one, given in local time.
func (r *Reason) superseded(next time.Time) *Reason {
	out := *r
	out.Kind = Superseded
	out.Text = fmt.Sprintf("%s, until the next slot (%s) is due", r.Text, next.Format("2006-01-02 15:04"))
	return &out
}

// listed joins spans, and leaves most of many out.
func listed(spans []string) string {
	const most = 4
	if len(spans) > most {
		return strings.Join(spans[:most-1], ", ") + fmt.Sprintf(", and %d more", len(spans)-most+1)
	}
	return strings.Join(spans, ", ")
}

func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), " ")
}

// periodText is "2026-09-01 – 2027-09-30".
func periodText(p config.Period) string {
	switch {
	case p.From.IsZero() && p.Until.IsZero():
		return ""
	case p.Until.IsZero():
		return "from " + p.From.Format(time.DateOnly)
	case p.From.IsZero():
		return "until " + p.Until.Format(time.DateOnly)
	default:
		return p.From.Format(time.DateOnly) + " – " + p.Until.Format(time.DateOnly)
	}
}

// daysText is "mon-fri, sun".
func daysText(days []time.Weekday) string {
	names := []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
	on := func(i int) bool { return i < len(names) && slices.Contains(days, time.Weekday((i+1)%7)) }
	var spans []string
	for i := 0; i < len(names); i++ {
		if !on(i) {
			continue
		}
		first := i
		for on(i + 1) {
			i++
		}
		switch i - first {
		case 0:
			spans = append(spans, names[i])
		case 1:
			spans = append(spans, names[first], names[i])
		default:
			spans = append(spans, names[first]+"-"+names[i])
		}
	}
	return strings.Join(spans, ", ")
}

func hoursText(h config.Hours) string {
	if h == (config.Hours{}) {
		return ""
	}
	return clockText(h.From) + "-" + clockText(h.Until)
}

func clockText(at time.Duration) string {
	return fmt.Sprintf("%02d:%02d", int(at.Hours()), int(at.Minutes())%60)
}
