package notify

import (
	"fmt"
	"strings"
)

// text is the plain part of an e-mail.
func (p *page) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", capital(p.Title))
	for _, f := range p.Facts {
		fmt.Fprintf(&b, "%s: %s\n", f.Name, f.Text)
	}
	if p.Link != "" {
		fmt.Fprintf(&b, "%s\n", p.Link)
	}
	for _, s := range p.Sections {
		if s.Title != "" {
			fmt.Fprintf(&b, "\n\n%s\n%s\n", s.Title, strings.Repeat("=", min(len([]rune(s.Title)), 70)))
		} else {
			b.WriteString("\n")
		}
		for i := range s.Units {
			s.Units[i].text(&b)
		}
	}
	if p.More > 0 {
		fmt.Fprintf(&b, "\nAnd %s, not listed here.\n", plural(int64(p.More), "other unit"))
	}
	if len(p.Ongoing) > 0 {
		b.WriteString("\n\nTold before, and going on:\n")
		for _, o := range p.Ongoing {
			fmt.Fprintf(&b, "  %s\n", o)
		}
	}
	fmt.Fprintf(&b, "\n-- \n%s\n", p.Footer)
	return b.String()
}

func (u *unitPart) text(b *strings.Builder) {
	fmt.Fprintf(b, "\n%s: %s\n", u.Name, strings.ToUpper(u.State))
	for _, n := range u.Notes {
		fmt.Fprintf(b, "  %s\n", n)
	}
	for l := range strings.SplitSeq(u.Message, "\n") {
		if strings.TrimSpace(l) != "" {
			fmt.Fprintf(b, "  | %s\n", l)
		}
	}
	for _, s := range u.Syncs {
		fmt.Fprintf(b, "  %s: %s\n", s.Name, s.Text)
	}
	for _, o := range u.Observed {
		fmt.Fprintf(b, "  %s%s\n", o.Text, o.keys(func(key string) string { return key }))
	}
	for _, c := range u.Commands {
		fmt.Fprintf(b, "  %s:\n    %s\n", c.Name, c.Text)
	}
}

// keys lists the keys of the rows that changed, and how many are not listed.
func (o *observedPart) keys(write func(key string) string) string {
	if len(o.Keys) == 0 {
		return ""
	}
	written := make([]string, len(o.Keys))
	for i, key := range o.Keys {
		written[i] = write(key)
	}
	out := ": " + strings.Join(written, ", ")
	if o.More > 0 {
		out += fmt.Sprintf(" and %d more", o.More)
	}
	return out
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
