package xlsx

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/nfp"

	"github.com/registrar-sync/registrar/internal/value"
)

// class says what a cell's format makes of a number.
type class uint8

const (
	plainNumber class = iota
	dateFormat
	timeFormat     // of day
	dateTimeFormat // both
)

// builtin classifies the formats that have a number and no text, those of all languages.
func builtin(id int) class {
	switch {
	case id >= 14 && id <= 17, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id == 57, id == 58:
		return dateFormat
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id == 45, id == 47, id == 55, id == 56:
		return timeFormat
	case id == 22:
		return dateTimeFormat
	default: // 46, [h]:mm:ss, is a duration
		return plainNumber
	}
}

// classOf classifies a format by its text.
func classOf(format string) class {
	parser := nfp.NumberFormatParser()
	var date, clock, month bool
	sections := parser.Parse(format)
	if len(sections) == 0 {
		return plainNumber
	}
	for _, token := range sections[0].Items {
		switch token.TType {
		case nfp.TokenTypeElapsedDateTimes:
			return plainNumber // a duration
		case nfp.TokenTypeDateTimes:
			text := strings.ToLower(token.TValue)
			date = date || strings.ContainsAny(text, "ydeg") && !strings.Contains(text, "/")
			clock = clock || strings.ContainsAny(text, "hs") || strings.Contains(text, "/") // AM/PM
			month = month || strings.Contains(text, "m") && !strings.Contains(text, "/")
		}
	}
	switch {
	case date && clock:
		return dateTimeFormat
	case date, month && !clock: // m alone is a month
		return dateFormat
	case clock:
		return timeFormat
	default:
		return plainNumber
	}
}

var (
	errNumber = errors.New("it is not a number")
	errDate   = errors.New("it is formatted as a date, and its number is none")
)

// number returns what a cell that holds a number holds: an Int where it is written as one, a
// Decimal with all its digits, or what its format says.
func number(text string, c class, shift int) (value.Value, error) {
	if c != plainNumber {
		return calendar(text, c, shift)
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && text[0] != '+' {
		return value.OfInt(n), nil
	}
	v, err := value.ParseDecimal(text)
	if err != nil || strings.ContainsAny(v.Str(), "yN") { // Infinity, NaN
		return value.Value{}, errNumber
	}
	return v, nil
}

const (
	lastDay  = 2_958_465  // 9999-12-31
	dayInMS  = 86_400_000 // what a double keeps of a time in our days
	noLeap   = 60         // the 29th of February 1900, which there never was
	timeOnly = int64(0)   // the day of a time of day
)

// calendar reads the number of days since the end of 1899, or of 1903.
func calendar(text string, c class, shift int) (value.Value, error) {
	serial, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(serial) {
		return value.Value{}, errNumber
	}
	if serial < 0 || serial >= lastDay+1 {
		return value.Value{}, errDate
	}
	day := int64(serial)
	ms := int64(math.Round((serial - float64(day)) * dayInMS))
	if ms == dayInMS {
		day, ms = day+1, 0
	}
	if c == timeFormat && day == timeOnly {
		return value.OfTime(time.Duration(ms) * time.Millisecond), nil
	}
	epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case shift != 0:
		day += int64(shift)
	case day == timeOnly || day == noLeap:
		return value.Value{}, errDate
	case day < noLeap:
		day++
	}
	if day > lastDay {
		return value.Value{}, errDate
	}
	t := epoch.AddDate(0, 0, int(day)).Add(time.Duration(ms) * time.Millisecond)
	if c == dateFormat && ms == 0 {
		return value.OfDate(t), nil
	}
	return value.OfDateTime(t), nil
}

// isoDate reads a cell of the type d.
func isoDate(text string) (value.Value, error) {
	text = strings.TrimSuffix(text, "Z")
	if v, err := value.ParseDate(text); err == nil {
		return v, nil
	}
	if v, err := value.ParseTime(text); err == nil {
		return v, nil
	}
	v, err := value.ParseDateTime(text)
	if err != nil {
		return value.Value{}, errDate
	}
	return v, nil
}
