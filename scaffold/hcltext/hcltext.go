// Package hcltext writes the text of configuration files: literals, names and comments that hold what came from elsewhere, none
// of which can become anything else.
package hcltext

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
	"golang.org/x/text/unicode/norm"
)

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Quote returns text as a literal, in which nothing is interpolated.
func Quote(text string) string {
	return string(hclwrite.TokensForValue(cty.StringVal(strings.ToValidUTF8(text, "\ufffd"))).Bytes())
}

// List returns texts as a list of literals.
func List(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = Quote(text)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// Key returns the name of an attribute of an object, in quotes where it needs them.
func Key(name string) string {
	if IsIdentifier(name) {
		return name
	}
	return Quote(name)
}

// IsIdentifier reports whether a name can be written without quotes, wherever names stand.
func IsIdentifier(name string) bool { return identifier.MatchString(name) }

// Row returns the reference to a column of the source's row.
func Row(column string) string {
	if IsIdentifier(column) {
		return "row." + column
	}
	return "row[" + Quote(column) + "]"
}

// Label makes a block's name of any text: letters, digits and underscores, beginning with a letter.
func Label(text string) string {
	var b strings.Builder
	gap := false
	for _, r := range Bare(text) {
		if r < '0' || r > '9' && r < 'a' || r > 'z' {
			gap = true
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte('_')
		}
		gap = false
		b.WriteRune(r)
	}
	label := b.String()
	if label == "" || label[0] <= '9' {
		label = strings.TrimSuffix("sync_"+label, "_")
	}
	return label
}

// Unique returns label, or label with the first number that makes it none of those taken, and takes it.
func Unique(label string, taken map[string]bool) string {
	unique := label
	for n := 2; taken[unique]; n++ {
		unique = label + "_" + strconv.Itoa(n)
	}
	taken[unique] = true
	return unique
}

// Bare returns text in lower case and without accents, for comparing names.
func Bare(text string) string {
	bare := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(strings.ToLower(text)))
	return strings.NewReplacer("œ", "oe", "æ", "ae", "ß", "ss").Replace(norm.NFC.String(bare))
}

// Comment returns text as lines of comment, each with its line end. No character of it can end the comment early, hide what follows or
// move a terminal's cursor.
func Comment(text string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(unixLines(text), "\n") {
		b.WriteString(strings.TrimRight("# "+visible(line), " "))
		b.WriteByte('\n')
	}
	return b.String()
}

// OneLine returns text without line ends, and without characters that cannot be seen.
func OneLine(text string) string {
	return visible(strings.ReplaceAll(unixLines(text), "\n", " "))
}

func unixLines(text string) string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(text)
}

func visible(line string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Co, r):
			return '\ufffd'
		}
		return r
	}, strings.ToValidUTF8(line, "\ufffd"))
}

// Heredoc returns text as a literal of several lines, word for word, with the line end that HCL gives it at its end.
func Heredoc(text string) string {
	marker := "SQL"
	for strings.Contains(text, marker) {
		marker += "_"
	}
	text = strings.NewReplacer("${", "$${", "%{", "%%{").Replace(unixLines(text))
	return "<<" + marker + "\n" + strings.TrimSuffix(text, "\n") + "\n" + marker
}

// Format returns a file in the canonical layout.
func Format(text string) []byte {
	return hclwrite.Format([]byte(strings.TrimRight(text, "\n") + "\n"))
}
