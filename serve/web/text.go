package web

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/registrar-sync/registrar/config"
)

// clean makes text from elsewhere harmless: control characters but newline and tab, directional
// and other invisible marks become escapes, as on the terminal.
func clean(text string) string {
	if !strings.ContainsFunc(text, isUnsafe) && utf8.ValidString(text) {
		return text
	}
	var out strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 || isUnsafe(r) {
			literal := strconv.QuoteToASCII(text[i : i+size])
			out.WriteString(literal[1 : len(literal)-1])
		} else {
			out.WriteString(text[i : i+size])
		}
		i += size
	}
	return out.String()
}

func isUnsafe(r rune) bool {
	return r != '\n' && r != '\t' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp)
}

// zone is where the page's clock is: the service's, which gates every run.
func zone(cfg *config.Config) *time.Location {
	switch {
	case cfg.Settings.Service.Timezone != nil:
		return cfg.Settings.Service.Timezone
	case cfg.Settings.Timezone != nil:
		return cfg.Settings.Timezone
	default:
		return time.UTC
	}
}

// moment is a time as the page shows it.
type moment struct {
	ISO      string // for machines, with the offset
	Relative string // 12 min ago
	Exact    string // 14:00, with the day where it is another
	Full     string // in words, with seconds and zone
}

// Set reports whether there is a time to show.
func (m moment) Set() bool { return m.ISO != "" }

// clock writes times as seen from now, in one zone.
type clock struct {
	now  time.Time
	zone *time.Location
}

func (c clock) moment(t time.Time) moment {
	if t.IsZero() {
		return moment{}
	}
	local := t.In(c.zone)
	return moment{
		ISO: local.Format(time.RFC3339), Relative: c.relative(t), Exact: c.exact(t),
		Full: local.Format("Monday 2 January 2006, 15:04:05 MST"),
	}
}

func (c clock) exact(t time.Time) string {
	local, now := t.In(c.zone), c.now.In(c.zone)
	switch {
	case local.Year() != now.Year():
		return local.Format("2 Jan 2006 15:04")
	case local.YearDay() != now.YearDay():
		return local.Format("Mon 2 Jan 15:04")
	default:
		return local.Format("15:04")
	}
}

func (c clock) relative(t time.Time) string {
	d := t.Sub(c.now)
	switch {
	case d > -time.Second && d < time.Second:
		return "now"
	case d > 0:
		return "in " + roughly(d)
	default:
		return roughly(-d) + " ago"
	}
}

// roughly says how long in the greatest unit that fits.
func roughly(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 2*day:
		return fmt.Sprintf("%d h", int(d.Hours()))
	default:
		return fmt.Sprintf("%d d", int(d/day))
	}
}

// lasted says how long something took.
func lasted(d time.Duration) string {
	switch {
	case d < 0:
		return "0 s"
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60)
	default:
		return fmt.Sprintf("%d h %02d min", int(d.Hours()), int(d.Minutes())%60)
	}
}

// grouped writes a number with a comma every three digits.
func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	var out []byte
	for i := range len(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out = append(out, ',')
		}
		out = append(out, digits[i])
	}
	return sign + string(out)
}

func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(n) + " " + noun + "s"
}

// changes are a sync's operations in three numbers.
type changes struct {
	Added, Changed, Removed string // "" for none
	// Words names each operation: 12 insert, 1 archive.
	Words string
}

// Any reports whether there is one.
func (c changes) Any() bool { return c.Words != "" }

func changesOf(counts map[config.Operation]int64) changes {
	var added, changed, removed int64
	var words []string
	for _, operation := range config.Operations {
		n := counts[operation]
		if n == 0 {
			continue
		}
		words = append(words, grouped(n)+" "+string(operation))
		switch {
		case operation.Removes():
			removed += n
		case operation == config.Update || operation == config.Rename:
			changed += n
		default:
			added += n
		}
	}
	return changes{Added: some("+", added), Changed: some("~", changed), Removed: some("−", removed), Words: strings.Join(words, ", ")}
}

func some(sign string, n int64) string {
	if n == 0 {
		return ""
	}
	return sign + grouped(n)
}

// status is an outcome, or another state that a badge shows: its word, and the class of its mark.
type status struct {
	Class string
	Word  string
}
