package hcl

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/schedule"
)

// scheduleBlock is a schedule block.
type scheduleBlock struct {
	block    *hclsyntax.Block
	schedule *config.Schedule
}

const day = 24 * time.Hour

var (
	scheduleSchema = schema{
		arguments: map[string]bool{
			"timezone": false, "every": false, "at": false, "cron": false, "jitter": false, "catch_up": false,
		},
		blocks: openingBlocks,
	}
	// openingBlocks say when runs may start, in a schedule and in the service block.
	openingBlocks = map[string]nested{
		"active": {many: true},
		"window": {many: true},
		"except": {many: true, labels: []string{"name"}},
	}
	activeSchema = schema{arguments: map[string]bool{"from": false, "until": false}}
	windowSchema = schema{arguments: map[string]bool{"days": false, "hours": false}}
	exceptSchema = schema{arguments: map[string]bool{"days": false, "dates": false, "from": false, "until": false, "hours": false}}
)

func (c *compiler) compileSchedule(source *hclsyntax.Block) {
	s := c.schedules[source.Labels[0]].schedule
	sc := scope{ctx: c.base, locals: true}
	b := c.open(source, "schedule block", scheduleSchema, sc).in(sc)
	*s = config.Schedule{
		Address: c.prefix + "schedule." + source.Labels[0],
		Name:    source.Labels[0],
		Range:   position(b.header),
	}
	c.config.Schedules = append(c.config.Schedules, s)
	s.Timezone = b.location("timezone", c.config.Settings.Timezone)
	s.CatchUp = choice(b, "catch_up", []string{"none", "last"}, "none") == "last"
	mistakes, failures := len(c.diags), c.failures
	c.compileRecurrence(b, s)
	s.Active, s.Windows, s.Except = c.compileOpenings(b)
	if c.diags[mistakes:].HasErrors() || c.failures > failures || s.Every == 0 && s.At == nil && s.Cron == "" {
		return // of what is not known nothing can be said
	}
	if never := schedule.Never(s, &c.config.Settings.Service); never != nil {
		c.warnNever(b, never)
		return
	}
	c.warnUnreachable(b, s)
}

// compileOpenings compiles the blocks active, window and except of a block.
func (c *compiler) compileOpenings(b *block) (active []config.Period, windows []config.Window, except []config.Exception) {
	for _, inner := range b.blocks["active"] {
		one := c.open(inner, "active block", activeSchema, b.scope).in(b.scope)
		if !one.has("from") && !one.has("until") {
			c.errorf(one.header, missingArgument, `An active block needs "from", "until" or both.`)
		}
		active = append(active, one.period())
	}
	for _, inner := range b.blocks["window"] {
		one := c.open(inner, "window block", windowSchema, b.scope).in(b.scope)
		if !one.has("days") && !one.has("hours") {
			c.errorf(one.header, missingArgument, `A window block needs "days", "hours" or both.`)
		}
		windows = append(windows, config.Window{Days: one.days(), Hours: one.hours(), Range: position(one.header)})
	}
	named := make(map[string]*hclsyntax.Block)
	for _, inner := range b.blocks["except"] {
		if first := named[inner.Labels[0]]; first != nil {
			c.duplicate(inner, "exception", first)
			continue
		}
		named[inner.Labels[0]] = inner
		except = append(except, c.compileException(c.open(inner, "except block", exceptSchema, b.scope).in(b.scope), inner.Labels[0]))
	}
	return active, windows, except
}

func (c *compiler) compileException(b *block, name string) config.Exception {
	if len(b.arguments) == 0 {
		c.errorf(b.header, missingArgument, `An except block needs "days", "dates", "from", "until" or "hours"; without any nothing would ever run.`)
	}
	if b.has("dates") {
		for _, other := range []string{"days", "from", "until"} {
			if b.has(other) {
				c.errorf(b.arguments[other].NameRange, "Conflicting arguments", `An except block has "dates", or else "days", "from" and "until": for both write two blocks.`)
			}
		}
	}
	return config.Exception{
		Name: name, Days: b.days(), Dates: b.dates("dates"), Period: b.period(), Hours: b.hours(), Range: position(b.header),
	}
}

// warnNever warns of a schedule that starts nothing.
func (c *compiler) warnNever(b *block, why *schedule.Reason) {
	text, where := why.Text, ""
	switch why.Kind {
	case schedule.NoSlot:
		text = "no day is one of its days"
	case schedule.OutsideWindow, schedule.Inactive:
		text = "each of its times is " + text
	case schedule.Excepted, schedule.ServiceExcepted:
		text = "what is left of its times is taken by " + text
	default:
		text = "what is left of its times is " + text
	}
	if why.Range.File != "" && why.Kind != schedule.NoSlot {
		where = fmt.Sprintf(" (%s)", why.Range)
	}
	c.warnf(b.header, "Schedule never runs", "Nothing ever starts by this schedule: %s%s.", text, where)
}

// compileRecurrence evaluates every, at or cron.
func (c *compiler) compileRecurrence(b *block, s *config.Schedule) {
	var written []string
	for _, name := range []string{"every", "at", "cron"} {
		if b.has(name) {
			written = append(written, name)
		}
	}
	switch len(written) {
	case 0:
		c.errorf(b.header, missingArgument, `A schedule needs one of "every", "at" and "cron".`)
	case 1:
	default:
		for _, name := range written[1:] {
			c.errorf(b.arguments[name].NameRange, "Conflicting arguments", `A schedule has one of "every", "at" and "cron"; %q is written already.`, written[0])
		}
	}
	if every, ok := b.duration("every"); ok {
		if every < time.Minute || every%time.Minute != 0 || day%every != 0 {
			b.fail("every", invalidValue, `"every" is %s; expected whole minutes that divide a day, such as "15m", "2h" or "24h".`, every)
		} else {
			s.Every = every
		}
	}
	s.At = b.times("at")
	if text, ok := b.text("cron"); ok {
		if _, err := schedule.ParseCron(text); err != nil {
			b.fail("cron", invalidValue, `"cron" is %q; expected the five fields minute, hour, day of the month, month and day of the week: %s.`, text, err)
		} else {
			s.Cron = text
		}
	}
	if jitter, ok := b.duration("jitter"); ok {
		if jitter >= day || s.Every > 0 && jitter >= s.Every {
			b.fail("jitter", invalidValue, `"jitter" is %s; expected less than the time between two runs.`, jitter)
		} else {
			s.Jitter = jitter
		}
	}
}

// times evaluates a list of times of day, which it returns sorted.
func (b *block) times(name string) []time.Duration {
	words, ok := b.words(name)
	if ok && len(words) == 0 {
		b.fail(name, invalidValue, "%q is empty.", name)
	}
	var out []time.Duration
	for _, w := range words {
		at, err := parseClock(w.text)
		if err != nil {
			b.c.errorf(w.at, invalidValue, `%q holds %q; expected a time of day such as "02:30".`, name, w.text)
			continue
		}
		out = append(out, at)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// parseClock reads HH:MM, 00:00 to 23:59.
func parseClock(text string) (time.Duration, error) {
	t, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		return 0, fmt.Errorf("not a time of day: %q", text)
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, nil
}

// hours evaluates the argument hours, such as "06:00-19:45".
func (b *block) hours() config.Hours {
	text, ok := b.text("hours")
	if !ok {
		return config.Hours{}
	}
	from, until, found := strings.Cut(text, "-")
	start, errStart := parseClock(strings.TrimSpace(from))
	end, errEnd := parseClock(strings.TrimSpace(until))
	if !found || errStart != nil || errEnd != nil {
		b.fail("hours", invalidValue, `"hours" is %q; expected a span such as "06:00-19:45", whose last minute is included.`, text)
		return config.Hours{}
	}
	if start == 0 && end == 0 {
		b.fail("hours", invalidValue, `"hours" is %q, which is the one minute at midnight; leave hours out for the whole day.`, text)
	}
	return config.Hours{From: start, Until: end}
}

var weekdays = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// days evaluates the argument days, a list of "mon" or "mon-fri"; they are
// returned from Monday on.
func (b *block) days() []time.Weekday {
	words, ok := b.words("days")
	if ok && len(words) == 0 {
		b.fail("days", invalidValue, `"days" is empty; leave it out for every day.`)
	}
	var on [7]bool
	for _, w := range words {
		from, until, isSpan := strings.Cut(strings.ToLower(w.text), "-")
		if !isSpan {
			until = from
		}
		first, last := slices.Index(weekdays, strings.TrimSpace(from)), slices.Index(weekdays, strings.TrimSpace(until))
		if first < 0 || last < 0 {
			if first >= 0 {
				from = until
			}
			b.c.errorf(w.at, invalidValue, `"days" holds %q; expected days such as "mon" or "mon-fri".%s`, w.text, nearest(from, weekdays))
			continue
		}
		// fri-mon runs over the end of the week.
		for d := first; ; d = (d + 1) % 7 {
			on[d] = true
			if d == last {
				break
			}
		}
	}
	var out []time.Weekday
	for i, set := range on {
		if set {
			out = append(out, time.Weekday((i+1)%7))
		}
	}
	return out
}

// period evaluates the arguments from and until.
func (b *block) period() config.Period {
	out := config.Period{From: b.date("from"), Until: b.date("until"), Range: position(b.header)}
	if !out.From.IsZero() && !out.Until.IsZero() && out.Until.Before(out.From) {
		b.fail("until", invalidValue, `"until" is %s, which is before "from", %s.`, out.Until.Format(time.DateOnly), out.From.Format(time.DateOnly))
	}
	return out
}

func (b *block) date(name string) time.Time {
	text, ok := b.text(name)
	if !ok {
		return time.Time{}
	}
	return b.c.parseDate(text, name, b.at(name), "is")
}

func (b *block) dates(name string) []time.Time {
	words, ok := b.words(name)
	if ok && len(words) == 0 {
		b.fail(name, invalidValue, "%q is empty.", name)
	}
	var out []time.Time
	for _, w := range words {
		if t := b.c.parseDate(w.text, name, w.at, "holds"); !t.IsZero() {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, time.Time.Compare)
	return out
}

// parseDate reads a day, which is a midnight in UTC; zero where it is none, which is reported. verb joins the argument's
// name and the text.
func (c *compiler) parseDate(text, name string, at hcl.Range, verb string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err == nil && t.Year() >= 1970 {
		return t
	}
	if month, dayOfMonth, ok := cutLast(text, "-"); ok {
		first, errFirst := time.Parse("2006-01", month)
		if n, errDay := strconv.Atoi(dayOfMonth); errFirst == nil && errDay == nil && n > 28 && len(text) == len(time.DateOnly) {
			c.errorf(at, invalidValue, "%q %s %q, but %s has %d days.", name, verb, text, first.Format("January 2006"), first.AddDate(0, 1, -1).Day())
			return time.Time{}
		}
	}
	c.errorf(at, invalidValue, `%q %s %q; expected a day such as "2026-09-01".`, name, verb, text)
	return time.Time{}
}

// cutLast cuts around the last separator.
func cutLast(text, separator string) (before, after string, found bool) {
	i := strings.LastIndex(text, separator)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(separator):], true
}

// warnUnreachable warns of times of day that no window is open at.
func (c *compiler) warnUnreachable(b *block, s *config.Schedule) {
	if len(s.Windows) == 0 {
		return
	}
	for _, at := range s.At {
		if !slices.ContainsFunc(s.Windows, func(w config.Window) bool { return within(w.Hours, at) }) {
			c.warnf(b.at("at"), "Time outside of the windows", "At %s no window of this schedule is open: nothing starts then.", clockText(at))
		}
	}
}

func within(h config.Hours, at time.Duration) bool {
	switch {
	case h == config.Hours{}:
		return true
	case h.From <= h.Until:
		return h.From <= at && at <= h.Until
	default:
		return at >= h.From || at <= h.Until
	}
}

func clockText(at time.Duration) string {
	return fmt.Sprintf("%02d:%02d", int(at.Hours()), int(at.Minutes())%60)
}
