package rowexpr

import (
	"errors"
	"time"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/registrar-sync/registrar/internal/value"
)

func temporalFunctions() map[string]builtin {
	part := func(of func(t time.Time) int) builtin {
		return own(builtin{takes: []typ{tAny}, gives: tNumber, one: func(v value.Value) (value.Value, error) {
			t, err := calendar(v)
			if err != nil {
				return value.Value{}, err
			}
			return value.OfInt(int64(of(t))), nil
		}})
	}
	return map[string]builtin{
		"date":         own(builtin{takes: []typ{tAny}, gives: tDate, one: toDay}),
		"datetime":     own(builtin{takes: []typ{tAny}, gives: tAny, one: toStamp}),
		"time":         own(builtin{takes: []typ{tAny}, gives: tTime, one: toClock}),
		"to_date":      own(builtin{takes: []typ{tText, tText}, gives: tDate, two: toDate, prepare: prepareToDate}),
		"to_timestamp": {takes: []typ{tText, tText, tText}, gives: tAny, least: 2, most: 3, many: toTimestamp, prepare: prepareToTimestamp},
		"formatdate":   own(builtin{takes: []typ{tText, tAny}, gives: tText, two: formatDate, prepare: prepareFormatDate}),
		"in_zone":      own(builtin{takes: []typ{tAny, tText}, gives: tAny, two: inZone, prepare: prepareInZone}),
		"add_days":     own(builtin{takes: []typ{tAny, tNumber}, gives: tAny, two: addDays}),
		"year": part(func(t time.Time) int {
			if t.Year() <= 0 {
				return t.Year() - 1 // there is no year 0: 1 BC is -1
			}
			return t.Year()
		}),
		"month": part(func(t time.Time) int { return int(t.Month()) }),
		"day":   part(func(t time.Time) int { return t.Day() }),
	}
}

var (
	errCalendar = errors.New("a date or timestamp is required: see date, datetime, to_date and to_timestamp")
	errInfinite = errors.New("an infinite date has no parts")
	errZoneless = errors.New("a timestamp with time zone has no date or time of its own: convert it with in_zone first")
	errZoneName = errors.New("the time zone is not known")
	errRange    = errors.New("the date is out of range")
)

func calendar(v value.Value) (time.Time, error) {
	switch {
	case v.IsInfinite():
		return time.Time{}, errInfinite
	case v.Kind() == value.Date || v.Kind() == value.DateTime:
		return v.Time(), nil
	case v.Kind() == value.Instant:
		return time.Time{}, errZoneless
	default:
		return time.Time{}, errCalendar
	}
}

// toDay reads YYYY-MM-DD, or takes the day of a timestamp.
func toDay(v value.Value) (value.Value, error) {
	switch v.Kind() {
	case value.Date:
		return v, nil
	case value.Text:
		return value.ParseDate(v.Str())
	case value.DateTime:
		if v.IsInfinite() {
			return value.Infinite(value.Date, v.Equal(value.Infinite(value.DateTime, true))), nil
		}
		return value.OfDate(v.Time()), nil
	case value.Instant:
		return value.Value{}, errZoneless
	default:
		return value.Value{}, errCalendar
	}
}

// toStamp reads a timestamp, with time zone if the text has an offset, or takes a
// date's midnight.
func toStamp(v value.Value) (value.Value, error) {
	switch v.Kind() {
	case value.DateTime, value.Instant:
		return v, nil
	case value.Date:
		if v.IsInfinite() {
			return value.Infinite(value.DateTime, v.Equal(value.Infinite(value.Date, true))), nil
		}
		return value.OfDateTime(v.Time()), nil
	case value.Text:
		stamp, err := value.ParseDateTime(v.Str())
		if err != nil {
			if instant, errInstant := value.ParseInstant(v.Str(), nil); errInstant == nil {
				return instant, nil
			}
		}
		return stamp, err
	default:
		return value.Value{}, errCalendar
	}
}

// toClock reads a time of day, or takes that of a timestamp.
func toClock(v value.Value) (value.Value, error) {
	switch v.Kind() {
	case value.Time:
		return v, nil
	case value.Text:
		return value.ParseTime(v.Str())
	case value.DateTime:
		t, err := calendar(v)
		if err != nil {
			return value.Value{}, err
		}
		midnight := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
		return value.OfTime(t.Sub(midnight)), nil
	case value.Instant:
		return value.Value{}, errZoneless
	default:
		return value.Value{}, errCalendar
	}
}

func toDate(text, format value.Value) (value.Value, error) {
	l, err := dateLayout(format.Str())
	if err != nil {
		return value.Value{}, err
	}
	return l.day(text.Str())
}

func (l layout) day(text string) (value.Value, error) {
	p, err := l.parse(text)
	if err != nil {
		return value.Value{}, err
	}
	return value.OfDate(p.at), nil
}

// dateLayout reads a format that tells a whole day.
func dateLayout(format string) (layout, error) {
	l, err := parseLayout(format)
	if err != nil {
		return nil, err
	}
	for _, verb := range []byte("YMD") {
		if !l.has(verb) {
			return nil, errors.New("the format must have a year, a month and a day, such as DD/MM/YYYY")
		}
	}
	if l.has('H') != (l.has('A') || l.has('a')) {
		return nil, errors.New("a format with HH needs AA, and the other way round; hh counts to 24")
	}
	return l, nil
}

func prepareToDate(b builtin, args []node) (builtin, error) {
	format, ok := args[1].text()
	if !ok {
		return b, nil
	}
	l, err := dateLayout(format)
	if err != nil {
		return b, err
	}
	b.two = func(text, _ value.Value) (value.Value, error) { return l.day(text.Str()) }
	return b, nil
}

// text returns the text of a constant.
func (n node) text() (string, bool) {
	if n.constant == nil || n.typ != tText {
		return "", false
	}
	return n.constant.one.Str(), true
}

func toTimestamp(args []value.Value) (value.Value, error) {
	l, err := dateLayout(args[1].Str())
	if err != nil {
		return value.Value{}, err
	}
	var zone *time.Location
	if len(args) == 3 {
		if zone, err = location(args[2].Str()); err != nil {
			return value.Value{}, err
		}
	}
	return l.timestamp(args[0].Str(), zone)
}

// timestamp reads a timestamp: a point in time where the format has an offset or a
// zone is given, else a wall clock.
func (l layout) timestamp(text string, zone *time.Location) (value.Value, error) {
	p, err := l.parse(text)
	if err != nil {
		return value.Value{}, err
	}
	switch {
	case p.zoned:
		return value.OfInstant(p.at.Add(-time.Duration(p.offset) * time.Second)), nil
	case zone != nil:
		return value.OfDateTime(p.at).InZone(zone), nil
	default:
		return value.OfDateTime(p.at), nil
	}
}

func prepareToTimestamp(b builtin, args []node) (builtin, error) {
	format, ok := args[1].text()
	if !ok {
		return b, nil
	}
	l, err := dateLayout(format)
	if err != nil {
		return b, err
	}
	b.gives = tDateTime
	if l.has('Z') || len(args) == 3 {
		b.gives = tInstant
	}
	var zone *time.Location
	if len(args) == 3 {
		name, ok := args[2].text()
		if !ok {
			b.many = func(args []value.Value) (value.Value, error) {
				zone, err := location(args[2].Str())
				if err != nil {
					return value.Value{}, err
				}
				return l.timestamp(args[0].Str(), zone)
			}
			return b, nil
		}
		if zone, err = location(name); err != nil {
			return b, err
		}
	}
	b.many = func(args []value.Value) (value.Value, error) { return l.timestamp(args[0].Str(), zone) }
	return b, nil
}

// location finds a time zone by its IANA name.
func location(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, errZoneName
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, errZoneName
	}
	return zone, nil
}

// formatDate writes a date, time or timestamp, or text in RFC 3339 as Terraform's
// formatdate takes it.
func formatDate(format, v value.Value) (value.Value, error) {
	if v.Kind() == value.Text {
		return formatRFC3339(format.Str(), v.Str())
	}
	l, err := parseLayout(format.Str())
	if err != nil {
		return value.Value{}, err
	}
	return l.text(v)
}

func formatRFC3339(format, stamp string) (value.Value, error) {
	v, err := stdlib.FormatDate(cty.StringVal(format), cty.StringVal(stamp))
	if err != nil {
		return value.Value{}, errors.New("the text is not a timestamp in RFC 3339, or the format has a verb it should not have")
	}
	return value.OfText(v.AsString()), nil
}

func (l layout) text(v value.Value) (value.Value, error) {
	if !typeOf(v.Kind()).temporal() {
		return value.Value{}, errCalendar
	}
	s, err := l.format(v)
	if err != nil {
		return value.Value{}, err
	}
	return textOf(s), nil
}

func prepareFormatDate(b builtin, args []node) (builtin, error) {
	format, ok := args[0].text()
	if !ok {
		return b, nil
	}
	l, err := parseLayout(format)
	if err != nil {
		return b, err
	}
	b.two = func(_, v value.Value) (value.Value, error) {
		if v.Kind() == value.Text {
			return formatRFC3339(format, v.Str())
		}
		return l.text(v)
	}
	return b, nil
}

// inZone turns a wall clock into the point in time at which clocks in the zone show
// it, and a point in time into what they show.
func inZone(v, name value.Value) (value.Value, error) {
	zone, err := location(name.Str())
	if err != nil {
		return value.Value{}, err
	}
	return shift(v, zone)
}

func shift(v value.Value, zone *time.Location) (value.Value, error) {
	if v.Kind() != value.DateTime && v.Kind() != value.Instant {
		return value.Value{}, errors.New("a timestamp is required")
	}
	return v.InZone(zone), nil
}

func prepareInZone(b builtin, args []node) (builtin, error) {
	name, ok := args[1].text()
	if !ok {
		return b, nil
	}
	zone, err := location(name)
	if err != nil {
		return b, err
	}
	b.two = func(v, _ value.Value) (value.Value, error) { return shift(v, zone) }
	return b, nil
}

// maxDays spans all the years that databases know.
const maxDays = 300_000 * 366

// addDays moves by whole days, of 24 hours for a point in time.
func addDays(v, days value.Value) (value.Value, error) {
	if v.Kind() != value.Date && v.Kind() != value.DateTime && v.Kind() != value.Instant {
		return value.Value{}, errCalendar
	}
	if v.IsInfinite() {
		return v, nil
	}
	n, ok := asIndex(days)
	if !ok {
		return value.Value{}, errWhole
	}
	if n < -maxDays || n > maxDays {
		return value.Value{}, errRange
	}
	t := v.Time().AddDate(0, 0, n)
	// The years that databases know.
	if t.Year() < -4712 || t.Year() > 294_275 {
		return value.Value{}, errRange
	}
	switch v.Kind() {
	case value.Date:
		return value.OfDate(t), nil
	case value.DateTime:
		return value.OfDateTime(t), nil
	default:
		return value.OfInstant(t), nil
	}
}
