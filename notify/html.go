package notify

import (
	_ "embed"
	"fmt"
	"html/template"
	"strings"
)

//go:embed mail.html
var mailHTML string

// html is the other part of an e-mail. It sets no colour of text or background but of its badges, so that it
// reads in light and in dark; nothing in it is loaded from elsewhere.
func (p *page) html() (string, error) {
	t, err := template.New("mail").Funcs(template.FuncMap{
		"capital": capital,
		"colour":  colour,
		"keys":    func(o observedPart) string { return o.keys(func(key string) string { return key }) },
	}).Parse(mailHTML)
	if err != nil {
		return "", fmt.Errorf("parse the template of e-mails: %w", err)
	}
	var b strings.Builder
	if err := t.Execute(&b, p); err != nil {
		return "", fmt.Errorf("write an e-mail: %w", err)
	}
	return b.String(), nil
}

// colour of a badge: white text on it has a contrast of 4.5 at least.
func colour(t tone) template.CSS {
	switch t {
	case bad:
		return "#b3261e"
	case warn:
		return "#9a5b00"
	case good:
		return "#1b7a3d"
	default:
		return "#5a6472"
	}
}
