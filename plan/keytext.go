package plan

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/register"
)

// ParseKey reads a key as people type it: of one column its value as it stands; of several their values
// separated by commas, in the order of the sync's key, as a line of CSV. Each may be COLUMN=VALUE instead; then all of
// them are. The document has one field per column of the key, in the key's order; its texts are as typed, not yet
// fitted to the table's columns. A key that names other columns is refused.
func ParseKey(s *config.Sync, text string) (register.Document, error) {
	return parseKey(s, s.Destination.Key, text)
}

// parseKey reads a key that is typed by names.
func parseKey(s *config.Sync, names []string, text string) (register.Document, error) {
	fields := []string{text}
	if len(names) != 1 {
		var err error
		if fields, err = csv.NewReader(strings.NewReader(text)).Read(); err != nil || len(fields) != len(names) {
			return nil, fmt.Errorf("the key of %s has %d columns (%s): expected their values separated by commas, in this order, or as COLUMN=VALUE", s.Address, len(names), strings.Join(names, ", "))
		}
	}
	named, other := map[string]string{}, ""
	like := 0
	for _, field := range fields {
		name, text, ok := strings.Cut(field, "=")
		switch {
		case ok && slices.Contains(names, name):
			named[name] = text
			like++
		case ok && isColumn(s, name):
			return nil, wrongName(s, names, name)
		case ok && text != "" && isName(name):
			other = name
			like++
		}
	}
	if other != "" && len(names) > 1 && like == len(fields) {
		return nil, wrongName(s, names, other)
	}
	doc := make(register.Document, len(names))
	for i, name := range names {
		doc[i] = register.Field{Column: name, Text: fields[i]}
		if len(named) == len(names) {
			doc[i].Text = named[name]
		}
	}
	return doc, nil
}

func wrongName(s *config.Sync, names []string, name string) error {
	return fmt.Errorf("%q is no part of the key of %s, which is %s: expected %s=VALUE", name, s.Address, strings.Join(names, ", "), strings.Join(names, "=VALUE,"))
}

// isColumn reports whether the sync writes a column of the name, or looks it up by such a key.
func isColumn(s *config.Sync, name string) bool {
	return slices.ContainsFunc(s.Columns, func(c config.Column) bool {
		return c.Name == name || c.Lookup != nil && slices.ContainsFunc(c.Lookup.By, func(by config.LookupKey) bool { return c.Name+"."+by.Column == name })
	})
}

// isName reports whether a text looks like the name of a column, and not like a value.
func isName(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '.' })
}
