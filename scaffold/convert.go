package scaffold

import (
	"fmt"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
)

// expression is what a column is filled with.
type expression struct {
	text   string
	doubts []string
}

func (e *expression) doubt(format string, args ...any) {
	e.doubts = append(e.doubts, fmt.Sprintf(format, args...))
}

// convert writes the expression that makes a column's value of the source's.
func (d *draft) convert(s *sourceColumn, c sqlgen.Column) expression {
	e := expression{text: s.row}
	textual := s.Type.Kind == value.Text || s.Type.Kind == value.Other || s.Type.Kind == value.Null
	switch c.Type.Kind {
	case value.Bool:
		d.toBool(&e, s, textual)
	case value.Int, value.Decimal, value.Float:
		d.toNumber(&e, s, c, textual)
	case value.Date, value.DateTime, value.Instant, value.Time:
		d.toTime(&e, s, c, textual)
	case value.Text:
		toText(&e, s, c, textual)
	default:
		if s.Type.Kind != c.Type.Kind {
			e.doubt("%s is %s and the column is %s: their values may not fit", s.Name, s.Type, c.Type)
		}
	}
	if s.nulls > 0 && c.NotNull {
		e.doubt("the column must not be empty, and some rows of the source have no %s", s.Name)
	}
	return e
}

// unseen says what the rows that were looked at do not tell.
func (d *draft) unseen(e *expression, s *sourceColumn, what string) {
	switch {
	case s.texts == 0:
		e.doubt("%s is text without a value to tell by: is it %s?", s.Name, what)
	case !d.whole:
		e.doubt("the first %d rows of %s have %s; others are rejected", sampled, s.Name, what)
	}
}

// trimmed is the text without blanks, where there are any, and NULL where nothing else is there.
func trimmed(s *sourceColumn) string {
	text := s.row
	if s.padded > 0 || s.Type.Fixed {
		text = "trim(" + text + ")"
	}
	if s.blank > 0 {
		if text == s.row {
			text = "trim(" + text + ")"
		}
		text = "nullif(" + text + `, "")`
	}
	return text
}

func (d *draft) toBool(e *expression, s *sourceColumn, textual bool) {
	yes, no, ok := s.yesNo()
	switch {
	case s.Type.Kind == value.Bool || s.Type.Kind == value.Int:
	case !textual:
		e.doubt("%s is %s: which of its values mean true?", s.Name, s.Type)
	case ok:
		e.text = fmt.Sprintf("{ %s = true, %s = false }[%s]", yes, no, trimmed(s))
		d.unseen(e, s, yes+" and "+no)
	case s.all(truth):
		e.text = "tobool(" + trimmed(s) + ")"
	default:
		e.text = "{ O = true, N = false }[" + trimmed(s) + "]"
		e.doubt("%s is text: which of its values mean true? O and N are a guess; others are rejected", s.Name)
	}
}

func (d *draft) toNumber(e *expression, s *sourceColumn, c sqlgen.Column, textual bool) {
	switch {
	case textual && s.all(number):
		e.text = "to_number(" + trimmed(s) + ")"
		d.unseen(e, s, "numbers")
	case textual && s.all(commaNumber):
		e.text = "to_number(" + trimmed(s) + ", true)"
		d.unseen(e, s, "numbers with a decimal comma")
	case textual:
		if yes, no, ok := s.yesNo(); ok {
			e.text = fmt.Sprintf("{ %s = 1, %s = 0 }[%s]", yes, no, trimmed(s))
			e.doubt("%s is %s or %s and the column is %s: is 1 what %s means?", s.Name, yes, no, c.Type, yes)
			return
		}
		e.text = "to_number(" + trimmed(s) + ")"
		e.doubt("%s is text and the column is %s: rows whose text is no number are rejected", s.Name, c.Type)
	case !c.Type.Accepts(s.Type.Kind):
		e.doubt("%s is %s and the column is %s: their values do not fit", s.Name, s.Type, c.Type)
	case c.Type.Kind == value.Int && (s.Type.Kind == value.Float || s.Type.Kind == value.Decimal && s.Type.Scale > 0):
		e.doubt("%s has decimals and the column has none: rows with any are rejected; is round(%s) meant?", s.Name, s.row)
	}
}

func (d *draft) toTime(e *expression, s *sourceColumn, c sqlgen.Column, textual bool) {
	kind := c.Type.Kind
	switch {
	case textual:
		d.textToTime(e, s, kind)
	case !c.Type.Accepts(s.Type.Kind):
		e.doubt("%s is %s and the column is %s: their values do not fit", s.Name, s.Type, c.Type)
		return
	case kind == value.Date && s.Type.Kind == value.DateTime:
		e.text = "date(" + s.row + ")"
	case kind == value.Date && s.Type.Kind == value.Instant:
		e.text = "date(in_zone(" + s.row + `, "Europe/Paris"))`
		e.doubt("%s is a point in time: by which time zone is its day counted?", s.Name)
	}
	if kind == value.Instant && s.Type.Kind != value.Instant {
		e.doubt("%s has no time zone and the column has one: the timezone of the block registrar, UTC unless set, says where its clock is", s.Name)
	}
}

func (d *draft) textToTime(e *expression, s *sourceColumn, kind value.Kind) {
	read := "date(" + trimmed(s) + ")"
	what := "dates such as 2026-09-01"
	switch {
	case kind == value.Time:
		read, what = "time("+trimmed(s)+")", "times such as 08:30"
		e.doubt("%s is text and the column is a time: other texts than 08:30 or 08:30:00 are rejected", s.Name)
	case s.all(isoDate):
	case s.all(dayFirst):
		read, what = "to_date("+trimmed(s)+`, "DD/MM/YYYY")`, "dates such as 31/12/2026"
	case s.all(eightDigits):
		read, what = "to_date("+trimmed(s)+`, "YYYYMMDD")`, "dates such as 20261231"
	case s.all(timestamp) && kind == value.Date:
		read, what = "date(datetime("+trimmed(s)+"))", "timestamps"
		e.doubt("%s has a time of day, and the column has none", s.Name)
	case s.all(timestamp):
		read, what = "datetime("+trimmed(s)+")", "timestamps such as 2026-09-01 08:30:00"
	case s.texts > 0:
		e.doubt("%s is text, and not all of it is a date such as 2026-09-01: others are rejected; to_date(%s, \"DD/MM/YYYY\") reads another form", s.Name, s.row)
	}
	e.text = read
	d.unseen(e, s, what)
}

func toText(e *expression, s *sourceColumn, c sqlgen.Column, textual bool) {
	size := s.Type.Size
	switch {
	case !textual:
		e.text = "to_text(" + s.row + ")"
		switch s.Type.Kind {
		case value.Int, value.Decimal, value.UUID:
		default:
			e.doubt("%s is %s and the column is text: is it to be written so?", s.Name, s.Type)
		}
		return
	case s.Type.Fixed && !c.Type.Fixed:
		e.text = "trim(" + s.row + ")"
	case s.padded > 0 && !c.Type.Fixed:
		e.text = "trim(" + s.row + ")"
		e.doubt("some values of %s have blanks at their ends", s.Name)
	}
	switch {
	case c.Type.Size == 0:
	case s.longest > c.Type.Size:
		e.doubt("%s has values of %d characters, and %d fit: such rows are rejected", s.Name, s.longest, c.Type.Size)
	case size > c.Type.Size:
		e.doubt("%s has up to %d characters, and %d fit: longer ones are rejected", s.Name, size, c.Type.Size)
	}
}
