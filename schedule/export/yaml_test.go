package export

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
)

// parseYAML reads the part of YAML that we write, and nothing else: documents of mappings and lists by their
// indentation, strings in double quotes, plain words, [a, b], {a: b}, comments.
func parseYAML(t *testing.T, text string) []any {
	t.Helper()
	var out []any
	r := &yamlReader{t: t}
	finish := func() {
		if len(r.lines) > 0 {
			out = append(out, r.value(r.lines[0].indent))
			if len(r.lines) > 0 {
				t.Fatalf("YAML goes on at %q", r.lines[0].text)
			}
		}
		r.lines = nil
	}
	for line := range strings.Lines(text) {
		line = uncomment(strings.TrimSuffix(line, "\n"))
		switch trimmed := strings.TrimLeft(line, " "); trimmed {
		case "":
		case "---":
			finish()
		default:
			r.lines = append(r.lines, yamlLine{len(line) - len(trimmed), trimmed})
		}
	}
	finish()
	return out
}

// uncomment takes a comment away, which is not within quotes.
func uncomment(line string) string {
	quoted := false
	for i := range len(line) {
		switch {
		case line[i] == '"' && (i == 0 || line[i-1] != '\\'):
			quoted = !quoted
		case line[i] == '#' && !quoted && (i == 0 || line[i-1] == ' '):
			return strings.TrimRight(line[:i], " ")
		}
	}
	return strings.TrimRight(line, " ")
}

type yamlLine struct {
	indent int
	text   string
}

type yamlReader struct {
	t     *testing.T
	lines []yamlLine
}

// value reads the mapping or list whose lines have this indentation.
func (r *yamlReader) value(indent int) any {
	if len(r.lines) == 0 || r.lines[0].indent < indent {
		return nil
	}
	if strings.HasPrefix(r.lines[0].text, "- ") {
		var list []any
		for len(r.lines) > 0 && r.lines[0].indent == indent && strings.HasPrefix(r.lines[0].text, "- ") {
			item := &r.lines[0]
			item.text, item.indent = item.text[2:], indent+2
			if _, _, isMapping := r.key(item.text); isMapping {
				list = append(list, r.value(indent+2))
			} else {
				list = append(list, r.scalar(item.text))
				r.lines = r.lines[1:]
			}
		}
		return list
	}
	m := map[string]any{}
	for len(r.lines) > 0 && r.lines[0].indent == indent {
		key, rest, ok := r.key(r.lines[0].text)
		if _, twice := m[key]; !ok || twice {
			r.t.Fatalf("not a new key: %q", r.lines[0].text)
		}
		r.lines = r.lines[1:]
		if rest != "" {
			m[key] = r.scalar(rest)
		} else {
			m[key] = nil
			if len(r.lines) > 0 && r.lines[0].indent > indent {
				m[key] = r.value(r.lines[0].indent)
			}
		}
	}
	return m
}

// key splits a line of a mapping.
func (r *yamlReader) key(text string) (key, rest string, ok bool) {
	if strings.HasPrefix(text, `"`) {
		end := strings.Index(text[1:], `"`) + 2
		if !strings.HasPrefix(text[end:], ":") {
			return "", "", false
		}
		return r.scalar(text[:end]).(string), strings.TrimSpace(text[end+1:]), true
	}
	if key, ok := strings.CutSuffix(text, ":"); ok {
		return key, "", true
	}
	key, rest, ok = strings.Cut(text, ": ")
	return key, rest, ok
}

func (r *yamlReader) scalar(text string) any {
	switch {
	case strings.HasPrefix(text, `"`):
		var out string
		if err := json.Unmarshal([]byte(text), &out); err != nil {
			r.t.Fatalf("%s: %v", text, err)
		}
		return out
	case text == "{}":
		return map[string]any{}
	case strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]"):
		var list []any
		for part := range strings.SplitSeq(text[1:len(text)-1], ",") {
			list = append(list, r.scalar(strings.TrimSpace(part)))
		}
		return list
	case text == "true" || text == "false":
		return text == "true"
	case text == "" || text == "null":
		return nil
	}
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		return n
	}
	if strings.ContainsAny(text[:1], "*&!|>'%@`{[") || strings.Contains(text, ": ") && !strings.HasPrefix(text, "${{") {
		r.t.Fatalf("a plain word in YAML cannot be %q", text)
	}
	return text
}
