package csv

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/registrar-sync/registrar/internal/suggest"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// reading says how the texts of typed columns are read.
type reading struct {
	date, stamp      *layout // nil: ISO 8601, as values are written everywhere else
	decimal          string  // "." or ","
	thousands        string  // one character, or "" for none
	truths, untruths []string
	exact            bool // truths and untruths are the user's: case counts
}

func (r *reading) set(a providers.Attributes) error {
	r.decimal, r.thousands = a.StringOr("decimal", "."), a.String("thousands")
	if err := checkDecimal(r.decimal); err != nil {
		return named("decimal", err)
	}
	if err := checkThousands(r.thousands); err != nil {
		return named("thousands", err)
	}
	if r.decimal == r.thousands {
		return fmt.Errorf("decimal and thousands are the same character, %q", r.decimal)
	}
	var err error
	if text := a.String("date_format"); text != "" {
		if r.date, err = dateLayout(text); err != nil {
			return named("date_format", err)
		}
	}
	if text := a.String("timestamp_format"); text != "" {
		if r.stamp, err = stampLayout(text); err != nil {
			return named("timestamp_format", err)
		}
	}
	r.truths, r.untruths = list(a, "true_values"), list(a, "false_values")
	r.exact = r.truths != nil
	if (r.truths == nil) != (r.untruths == nil) {
		return errors.New("true_values and false_values are set together or not at all")
	}
	if !r.exact {
		r.truths, r.untruths = []string{"true", "t", "1"}, []string{"false", "f", "0"}
	}
	for _, text := range r.truths {
		if slices.Contains(r.untruths, text) {
			return fmt.Errorf("true_values and false_values both contain %q", text)
		}
	}
	return nil
}

func checkDecimal(text string) error {
	if text != "." && text != "," {
		return fmt.Errorf(`%q is not a decimal mark: it is "." or ","`, text)
	}
	return nil
}

func checkThousands(text string) error {
	if text == "" {
		return nil
	}
	r, size := utf8.DecodeRuneInString(text)
	if size < len(text) || r == utf8.RuneError || unicode.IsDigit(r) || unicode.IsLetter(r) || strings.ContainsRune("+-\r\n\x00", r) {
		return fmt.Errorf(`%q does not group digits: it is one character, such as " " or "."`, text)
	}
	return nil
}

func checkTruths(texts []string) error {
	if texts == nil {
		return nil
	}
	if len(texts) == 0 || slices.Contains(texts, "") {
		return errors.New("it needs at least one text, and none that is empty")
	}
	return nil
}

// column is how the fields of one column are read.
type column struct {
	name string
	kind value.Kind
	// read turns a field's text into a value; nil for text.
	read func(text string) (value.Value, bool)
	// expected completes "expected …".
	expected string
}

func (r *reading) column(name string, kind value.Kind) column {
	c := column{name: name, kind: kind}
	switch kind {
	case value.Int:
		c.read, c.expected = r.integer, "a whole number of at most 64 bits"
		if r.thousands != "" {
			c.expected += " such as 1" + r.thousands + "234"
		}
	case value.Decimal:
		c.read, c.expected = r.exactNumber, "a decimal number such as "+r.example()
	case value.Float:
		c.read, c.expected = r.float, "a number such as "+r.example()+", within the range of a double"
	case value.Bool:
		c.read = r.truth
		c.expected = "one of " + suggest.List(r.truths, 5) + " for true, " + suggest.List(r.untruths, 5) + " for false"
	case value.Date:
		c.read, c.expected = reader(value.ParseDate), "a date of the form YYYY-MM-DD"
		if r.date != nil {
			c.read, c.expected = r.date.readDate, "a date of the form "+r.date.text
		}
	case value.Time:
		c.read, c.expected = reader(value.ParseTime), "a time of day of the form hh:mm:ss"
	case value.DateTime:
		c.read, c.expected = reader(value.ParseDateTime), "a timestamp of the form YYYY-MM-DD hh:mm:ss, without an offset"
		if r.stamp != nil {
			c.read, c.expected = r.stamp.readStamp, "a timestamp of the form "+r.stamp.text
		}
	case value.Instant:
		c.read, c.expected = readInstant, "a timestamp with its offset, of the form YYYY-MM-DD hh:mm:ss+hh:mm"
		if r.stamp != nil {
			c.read, c.expected = r.stamp.readStamp, "a timestamp of the form "+r.stamp.text
		}
	}
	return c
}

func (r *reading) example() string { return "1" + r.thousands + "234" + r.decimal + "50" }

func reader(parse func(string) (value.Value, error)) func(string) (value.Value, bool) {
	return func(text string) (value.Value, bool) {
		v, err := parse(text)
		return v, err == nil
	}
}

func readInstant(text string) (value.Value, bool) {
	v, err := value.ParseInstant(text, nil)
	return v, err == nil
}

func (r *reading) integer(text string) (value.Value, bool) {
	text, ok := r.ungroup(text)
	if !ok {
		return value.Value{}, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return value.OfInt(n), err == nil
}

func (r *reading) exactNumber(text string) (value.Value, bool) {
	text, ok := r.plain(text)
	if !ok {
		return value.Value{}, false
	}
	v, err := value.ParseDecimal(text)
	return v, err == nil
}

func (r *reading) float(text string) (value.Value, bool) {
	text, ok := r.plain(text)
	// ParseFloat reads hexadecimal too, which no export means.
	if !ok || strings.ContainsAny(text, "xX_") {
		return value.Value{}, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return value.OfFloat(f), err == nil
}

func (r *reading) truth(text string) (value.Value, bool) {
	is := func(known string) bool { return known == text || !r.exact && strings.EqualFold(known, text) }
	if slices.ContainsFunc(r.truths, is) {
		return value.OfBool(true), true
	}
	return value.OfBool(false), slices.ContainsFunc(r.untruths, is)
}

// plain rewrites a number with a point and without groups.
func (r *reading) plain(text string) (string, bool) {
	if r.decimal == "." && r.thousands == "" {
		return text, true
	}
	whole, fraction, mark := strings.Cut(text, r.decimal)
	whole, ok := r.ungroup(whole)
	// What is left must not be taken for a mark that was not declared.
	if !ok || strings.Contains(whole, ".") {
		return "", false
	}
	if mark {
		whole += "." + fraction
	}
	return whole, true
}

// ungroup takes the thousands separators out of a whole number. A number has
// all of them or none: 12,34 is not 1234.
func (r *reading) ungroup(text string) (string, bool) {
	if r.thousands == "" {
		return text, true
	}
	if r.thousands == " " {
		// Exports write a no-break space, narrow or not, which looks the same.
		text = strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(text)
	}
	if !strings.Contains(text, r.thousands) {
		return text, true
	}
	groups := strings.Split(text, r.thousands)
	if first := strings.TrimLeft(groups[0], "+-"); len(first) < 1 || len(first) > 3 {
		return "", false
	}
	for _, group := range groups[1:] {
		if len(group) != 3 || strings.Trim(group, "0123456789") != "" {
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}
