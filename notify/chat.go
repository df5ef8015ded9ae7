package notify

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/registrar-sync/registrar/config"
)

// dialect is how a chat server writes what is bold, code or a link, and how much of it it takes.
type dialect struct {
	// most characters of a message, its notice of being cut included.
	most int
	bold func(s string) string
	// escape makes plain text of what would be markup, or call people.
	escape func(s string) string
	link   func(url string) string
}

// dialectOf is nil for a format that is no chat's.
func dialectOf(f config.WebhookFormat) *dialect {
	switch f {
	case config.WebhookMattermost:
		return &dialect{most: 16383, bold: double, escape: escapeMarkdown, link: angled}
	case config.WebhookRocketChat:
		// Message_MaxAllowedSize, unless the server is told otherwise.
		return &dialect{most: 5000, bold: single, escape: escapeMarkdown, link: func(url string) string { return url }}
	case config.WebhookSlack:
		return &dialect{most: 40000, bold: single, escape: escapeSlack, link: angled}
	default:
		return nil
	}
}

func double(s string) string { return "**" + s + "**" }
func single(s string) string { return "*" + s + "*" }
func angled(s string) string { return "<" + s + ">" }

// A zero-width space, which keeps the character before it from meaning something.
const joiner = "\u200b"

func escapeMarkdown(s string) string {
	return strings.NewReplacer(
		"@", "@"+joiner, "*", `\*`, "_", `\_`, "`", "'", "~", `\~`, "[", `\[`, "]", `\]`, "<", `\<`, "#", "#"+joiner, "|", `\|`,
	).Replace(s)
}

// escapeSlack replaces what Slack asks for; of the rest nothing calls people.
func escapeSlack(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "*", "*"+joiner, "_", "_"+joiner, "~", "~"+joiner, "`", "'").Replace(s)
}

// code is text that is shown as it is, and calls nobody.
func (d *dialect) code(s string) string {
	s = strings.ReplaceAll(s, "`", "'")
	if d.most == 40000 { // Slack reads entities in code, too
		s = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
	}
	return s
}

// render writes a page as markdown, cut to what the server takes.
func (d *dialect) render(p *page) string {
	var blocks []string
	add := func(format string, args ...any) { blocks = append(blocks, fmt.Sprintf(format, args...)) }
	add("%s\n", d.bold(d.escape("registrar: "+p.Title)))
	for _, f := range p.Facts {
		add("%s\n", d.escape(f.Name+": "+f.Text))
	}
	if p.Link != "" {
		add("%s\n", d.link(p.Link))
	}
	for _, s := range p.Sections {
		if s.Title != "" {
			add("\n%s\n", d.bold(d.escape(s.Title)))
		}
		for i := range s.Units {
			blocks = append(blocks, d.unit(&s.Units[i])...)
		}
	}
	if p.More > 0 {
		add("\nAnd %s, not listed here.\n", plural(int64(p.More), "other unit"))
	}
	if len(p.Ongoing) > 0 {
		add("\n%s\n", d.bold("Told before, and going on"))
		for _, o := range p.Ongoing {
			add("- %s\n", d.escape(o))
		}
	}
	add("\n%s\n", d.escape(p.Footer))
	return d.cut(blocks)
}

// unit returns blocks that are cut between only.
func (d *dialect) unit(u *unitPart) []string {
	out := []string{fmt.Sprintf("\n%s `%s`: %s\n", icon(u.Tone), d.code(u.Name), d.bold(u.State))}
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, n := range u.Notes {
		add("- %s\n", d.escape(n))
	}
	if u.Message != "" {
		add("```\n%s\n```\n", d.code(u.Message))
	}
	for _, s := range u.Syncs {
		add("- `%s`: %s\n", d.code(s.Name), d.escape(s.Text))
	}
	for _, o := range u.Observed {
		add("- %s%s\n", d.escape(o.Text), o.keys(func(key string) string { return "`" + d.code(key) + "`" }))
	}
	for _, c := range u.Commands {
		add("- %s: `%s`\n", c.Name, d.code(c.Text))
	}
	return out
}

// icon is a character that every chat shows.
func icon(t tone) string {
	switch t {
	case bad:
		return "🔴"
	case warn:
		return "🟠"
	case good:
		return "🟢"
	default:
		return "⚪"
	}
}

const cutNotice = "\n…\nThis message was cut: it is too long for this server.\n"

// cut joins the blocks as long as there is room for them.
func (d *dialect) cut(blocks []string) string {
	whole := strings.Join(blocks, "")
	if utf8.RuneCountInString(whole) <= d.most {
		return whole
	}
	var b strings.Builder
	room := d.most - utf8.RuneCountInString(cutNotice)
	for _, block := range blocks {
		n := utf8.RuneCountInString(block)
		if n > room {
			break
		}
		room -= n
		b.WriteString(block)
	}
	return b.String() + cutNotice
}
