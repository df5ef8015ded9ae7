package filetable

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

// Reading says how the texts of typed columns are written and read.
type Reading struct {
	date, stamp      *layout // nil: ISO 8601, as values are written everywhere else
	decimal          string  // "." or ","
	thousands        string  // one character, or "" for none
	truths, untruths []string
	exact            bool // truths and untruths are the user's: case counts
}

// Set takes the attributes decimal, thousands, date_format, timestamp_format, true_values and false_values.
func (r *Reading) Set(a providers.Attributes) error {
	r.decimal, r.thousands = a.StringOr("decimal", "."), a.String("thousands")
	if err := CheckDecimal(r.decimal); err != nil {
		return Named("decimal", err)
	}
	if err := CheckThousands(r.thousands); err != nil {
		return Named("thousands", err)
	}
	if r.decimal == r.thousands {
		return fmt.Errorf("decimal and thousands are the same character, %q", r.decimal)
	}
	var err error
	if text := a.String("date_format"); text != "" {
		if r.date, err = dateLayout(text); err != nil {
			return Named("date_format", err)
		}
	}
	if text := a.String("timestamp_format"); text != "" {
		if r.stamp, err = stampLayout(text); err != nil {
			return Named("timestamp_format", err)
		}
	}
	r.truths, r.untruths = List(a, "true_values"), List(a, "false_values")
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

// CheckDecimal checks the attribute decimal.
func CheckDecimal(text string) error {
	if text != "." && text != "," {
		return fmt.Errorf(`%q is not a decimal mark: it is "." or ","`, text)
	}
	return nil
}

// CheckThousands checks the attribute thousands.
func CheckThousands(text string) error {
	if text == "" {
		return nil
	}
	r, size := utf8.DecodeRuneInString(text)
	if size < len(text) || r == utf8.RuneError || unicode.IsDigit(r) || unicode.IsLetter(r) || strings.ContainsRune("+-\r\n\x00", r) {
		return fmt.Errorf(`%q does not group digits: it is one character, such as " " or "."`, text)
	}
	return nil
}

// CheckTruths checks the attributes true_values and false_values.
func CheckTruths(texts []string) error {
	if texts == nil {
		return nil
	}
	if len(texts) == 0 || slices.Contains(texts, "") {
		return errors.New("it needs at least one text, and none that is empty")
	}
	return nil
}

// Column is how the fields of one column are read.
type Column struct {
	Name string
	Kind value.Kind
	// Read turns a field's text into a value; nil for text.
	Read func(text string) (value.Value, bool)
	// Expected completes "expected …".
	Expected string
}

// Column returns how the fields of a column are read.
func (r *Reading) Column(name string, kind value.Kind) Column {
	c := Column{Name: name, Kind: kind}
	switch kind {
	case value.Int:
		c.Read, c.Expected = r.integer, "a whole number of at most 64 bits"
		if r.thousands != "" {
			c.Expected += " such as 1" + r.thousands + "234"
		}
	case value.Decimal:
		c.Read, c.Expected = r.exactNumber, "a decimal number such as "+r.example()
	case value.Float:
		c.Read, c.Expected = r.float, "a number such as "+r.example()+", within the range of a double"
	case value.Bool:
		c.Read = r.truth
		c.Expected = "one of " + suggest.List(r.truths, 5) + " for true, " + suggest.List(r.untruths, 5) + " for false"
	case value.Date:
		c.Read, c.Expected = reader(value.ParseDate), "a date of the form YYYY-MM-DD"
		if r.date != nil {
			c.Read, c.Expected = r.date.readDate, "a date of the form "+r.date.text
		}
	case value.Time:
		c.Read, c.Expected = reader(value.ParseTime), "a time of day of the form hh:mm:ss"
	case value.DateTime:
		c.Read, c.Expected = reader(value.ParseDateTime), "a timestamp of the form YYYY-MM-DD hh:mm:ss, without an offset"
		if r.stamp != nil {
			c.Read, c.Expected = r.stamp.readStamp, "a timestamp of the form "+r.stamp.text
		}
	case value.Instant:
		c.Read, c.Expected = readInstant, "a timestamp with its offset, of the form YYYY-MM-DD hh:mm:ss+hh:mm"
		if r.stamp != nil {
			c.Read, c.Expected = r.stamp.readStamp, "a timestamp of the form "+r.stamp.text
		}
	}
	return c
}

func (r *Reading) example() string { return "1" + r.thousands + "234" + r.decimal + "50" }

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

func (r *Reading) integer(text string) (value.Value, bool) {
	text, ok := r.ungroup(text)
	if !ok {
		return value.Value{}, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return value.OfInt(n), err == nil
}

func (r *Reading) exactNumber(text string) (value.Value, bool) {
	text, ok := r.plain(text)
	if !ok {
		return value.Value{}, false
	}
	v, err := value.ParseDecimal(text)
	return v, err == nil
}

func (r *Reading) float(text string) (value.Value, bool) {
	text, ok := r.plain(text)
	// ParseFloat reads hexadecimal too, which no export means.
	if !ok || strings.ContainsAny(text, "xX_") {
		return value.Value{}, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return value.OfFloat(f), err == nil
}

func (r *Reading) truth(text string) (value.Value, bool) {
	is := func(known string) bool { return known == text || !r.exact && strings.EqualFold(known, text) }
	if slices.ContainsFunc(r.truths, is) {
		return value.OfBool(true), true
	}
	return value.OfBool(false), slices.ContainsFunc(r.untruths, is)
}

// plain rewrites a number with a point and without groups.
func (r *Reading) plain(text string) (string, bool) {
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
func (r *Reading) ungroup(text string) (string, bool) {
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

// CheckTypes refuses types that the declared formats cannot write.
func (r *Reading) CheckTypes(types Types) error {
	if r.stamp == nil {
		return nil
	}
	for column, kind := range types {
		switch {
		case kind == value.Instant && !r.stamp.has(partZone):
			return fmt.Errorf("types: column %q is a timestamptz, but timestamp_format has no Z for its offset: declare it a timestamp, which is read in the configuration's time zone where its destination needs one", column)
		case kind == value.DateTime && r.stamp.has(partZone):
			return fmt.Errorf("types: column %q is a timestamp, but timestamp_format has an offset, Z: declare it a timestamptz", column)
		}
	}
	return nil
}
