package examples_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"mime/quotedprintable"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
)

// needles are the values that nobody but the databases may be told, to be found in what was written.
type needles struct {
	// origins has, by value, the column that holds it.
	origins map[string]string
	// common is text, in lower case, that outputs hold for other reasons: the configuration itself. A value that is
	// in it tells nothing.
	common string
	// days are those of the clock, which every output may name.
	days []string
}

var (
	number = regexp.MustCompile(`^-?[0-9]+([.][0-9]+)?$`)
	word   = regexp.MustCompile(`^[A-Za-z_]+$`)
)

// add takes a value, and reports whether it is one by which a leak would be noticed.
func (n *needles) add(value, column string) bool {
	value = strings.TrimSpace(value)
	if !n.telling(value) {
		return false
	}
	if _, known := n.origins[value]; !known {
		n.origins[value] = column
	}
	return true
}

// telling reports whether a value is in an output for one reason only: because it is in the data.
func (n *needles) telling(value string) bool {
	lower := strings.ToLower(value)
	switch {
	case strings.Contains(lower, mark), strings.ContainsFunc(value, func(r rune) bool { return unicode.Is(unicode.Ethiopic, r) }):
		return true
	case number.MatchString(value):
		if digits(value) < 5 || !strings.Contains(value, ".") && digits(value) < 6 {
			return false
		}
	case word.MatchString(value):
		// A name; a word in lower case may be English.
		if len(value) < 5 || value == lower {
			return false
		}
	case len(value) < 5:
		return false
	}
	for _, day := range n.days {
		if strings.HasPrefix(value, day) {
			return false
		}
	}
	return !strings.Contains(n.common, lower)
}

func digits(value string) (n int) {
	for _, r := range value {
		if unicode.IsDigit(r) {
			n++
		}
	}
	return n
}

// moment adds the texts of a date or a time.
func (n *needles) moment(t time.Time, column string) (any bool) {
	layouts := []string{"2006-01-02 15:04:05", "2006-01-02T15:04:05"}
	if t.Equal(t.Truncate(24 * time.Hour)) {
		layouts = []string{time.DateOnly, "02/01/2006"}
	}
	for _, at := range []time.Time{t, t.UTC()} {
		for _, layout := range layouts {
			for _, day := range n.days {
				if at.Format(time.DateOnly) == day {
					return any
				}
			}
			any = n.add(at.Format(layout), column) || any
		}
	}
	return any
}

// piece is where a form of a needle may begin, by its first octets.
type piece struct{ form, value string }

const begins = 5 // octets, by which pieces are looked up

// forms are the spellings of a value in which octets differ: those in lower case, and those in which case counts.
func forms(value string) (folded, exact []string) {
	quoted := func(v any, escape bool) string {
		var out bytes.Buffer
		encoder := json.NewEncoder(&out)
		encoder.SetEscapeHTML(escape)
		_ = encoder.Encode(v) // of a text, which cannot fail
		return strings.Trim(strings.TrimSpace(out.String()), `"`)
	}
	for _, v := range []string{
		value, quoted(value, true), quoted(value, false), html.EscapeString(value), strings.Trim(strconv.QuoteToASCII(value), `"`),
		url.QueryEscape(value), url.PathEscape(value), strings.ReplaceAll(value, "'", "''"), strings.ReplaceAll(value, ".", ","),
		strings.ReplaceAll(value, "-", `\-`), strings.ReplaceAll(value, "_", `\_`),
	} {
		folded = append(folded, strings.ToLower(v))
	}
	for _, v := range []string{value, strings.ToUpper(value), strings.ToLower(value)} {
		if len(v) < begins {
			continue
		}
		folded = append(folded, hex.EncodeToString([]byte(v)))
		// The octets before it move it by none, one or two of those that four letters stand for.
		for before := range 3 {
			coded := base64.StdEncoding.EncodeToString(append(make([]byte, before), v...))
			first, last := (before*8+5)/6, (before+len(v))*8/6
			if coded = coded[first:last]; len(coded) > 7 {
				exact = append(exact, coded)
				if other := strings.NewReplacer("+", "-", "/", "_").Replace(coded); other != coded {
					exact = append(exact, other)
				}
			}
		}
	}
	return folded, exact
}

// haystack finds all needles in one pass.
type haystack struct {
	folded, exact map[string][]piece
}

func (n *needles) haystack() *haystack {
	h := &haystack{folded: map[string][]piece{}, exact: map[string][]piece{}}
	add := func(into map[string][]piece, form, value string) {
		if len(form) < begins {
			return
		}
		for _, p := range into[form[:begins]] {
			if p.form == form {
				return
			}
		}
		into[form[:begins]] = append(into[form[:begins]], piece{form, value})
	}
	for value := range n.origins {
		folded, exact := forms(value)
		for _, form := range folded {
			add(h.folded, form, value)
		}
		for _, form := range exact {
			add(h.exact, form, value)
		}
	}
	return h
}

// find returns the needles in a text with what is around each, one line per value.
func (h *haystack) find(text string) map[string]string {
	found := map[string]string{}
	search := func(in string, pieces map[string][]piece, alone func(in string, i, j int) bool) {
		for i := 0; i+begins <= len(in); i++ {
			for _, p := range pieces[in[i:i+begins]] {
				if strings.HasPrefix(in[i:], p.form) && alone(in, i, i+len(p.form)) {
					found[p.value] = strings.ReplaceAll(in[max(0, i-60):min(len(in), i+len(p.form)+30)], "\n", "⏎")
				}
			}
		}
	}
	search(strings.ToLower(text), h.folded, alone)
	search(text, h.exact, func(string, int, int) bool { return true })
	if strings.Contains(text, "quoted-printable") {
		plain, _ := io.ReadAll(quotedprintable.NewReader(strings.NewReader(text))) // as far as it is
		search(strings.ToLower(string(plain)), h.folded, alone)
	}
	return found
}

// alone reports whether what begins at i and ends before j is no part of a longer number, digest or identifier,
// unless it holds the mark.
func alone(in string, i, j int) bool {
	if strings.Contains(in[i:j], mark) || digits(in[i:j]) == 0 {
		return true
	}
	joins := func(k int) bool {
		return k >= 0 && k < len(in) && (in[k] >= '0' && in[k] <= '9' || in[k] >= 'a' && in[k] <= 'z' || in[k] >= 'A' && in[k] <= 'Z')
	}
	return !joins(i-1) && !joins(j)
}

// Whatever form a value takes, it is found; what only resembles it is not.
func TestNeedles(t *testing.T) {
	t.Parallel()
	n := &needles{origins: map[string]string{}, common: "a sync of rooms"}
	for _, value := range []string{"Amphi MKQ<0001>É", "LEFÈVRE", "730005", "7320.53", "anais.lefevre@univ-exemple.fr", "l'Œuvre 12"} {
		if !n.add(value, "room.name") {
			t.Errorf("%q is not told from other text", value)
		}
	}
	for _, value := range []string{"sync of rooms", "30005", "L", "archive", ""} {
		if n.add(value, "room.name") {
			t.Errorf("%q would be found where it is no leak", value)
		}
	}
	h := n.haystack()
	for value := range n.origins {
		encoded, err := json.Marshal("before " + value)
		if err != nil {
			t.Fatal(err)
		}
		texts := []string{
			"a " + value + " b", strings.ToUpper(value), `"` + strings.ToLower(value) + `"`, string(encoded), html.EscapeString(value),
			hex.EncodeToString([]byte(value)), strings.ToUpper(hex.EncodeToString([]byte(value))), url.QueryEscape(value), fmt.Sprintf("%+q", value),
		}
		for before := range 4 {
			if len(value) < 9 { // too few letters of base64 to tell it from others
				break
			}
			texts = append(texts, base64.StdEncoding.EncodeToString([]byte("abcd"[:before]+value+"xyz")))
		}
		for _, text := range texts {
			if _, found := h.find(text)[value]; !found {
				t.Errorf("%q is not found in %s", value, text)
			}
		}
	}
	for _, text := range []string{"sha256:ab730005cd", "1730005", "17320.531"} {
		if found := h.find(text); len(found) > 0 {
			t.Errorf("in %s is found %v", text, found)
		}
	}
}
