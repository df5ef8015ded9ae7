package plan

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/register"
)

// ParseKey reads a key as people type it: of one column its value as it stands; of several their values
// separated by commas, in the order of the sync's key, as a line of CSV. Each may be COLUMN=VALUE instead; then all of
// them are. The document has one field per column of the key, in the key's order; its texts are as typed, not yet
// fitted to the table's columns (FitKey).
func ParseKey(s *config.Sync, text string) (register.Document, error) {
	columns := s.Destination.Key
	if len(columns) == 1 {
		return register.Document{{Column: columns[0], Text: strings.TrimPrefix(text, columns[0]+"=")}}, nil
	}
	fields, err := csv.NewReader(strings.NewReader(text)).Read()
	if err != nil || len(fields) != len(columns) {
		return nil, fmt.Errorf("the key of %s has %d columns (%s): expected their values separated by commas, in this order, or as COLUMN=VALUE", s.Address, len(columns), strings.Join(columns, ", "))
	}
	named := map[string]string{}
	for _, field := range fields {
		if name, value, ok := strings.Cut(field, "="); ok && slices.Contains(columns, name) {
			named[name] = value
		}
	}
	doc := make(register.Document, len(columns))
	for i, column := range columns {
		doc[i] = register.Field{Column: column, Text: fields[i]}
		if len(named) == len(columns) {
			doc[i].Text = named[column]
		}
	}
	return doc, nil
}

// FitKey returns the canonical texts of a key that ParseKey read, in the order of the target's key, as its columns hold
// them. The error names the column, not the value.
func FitKey(t *sqlgen.Target, key register.Document, loc *time.Location) ([]string, error) {
	texts := make([]string, len(t.Key))
	for i, k := range t.Key {
		field, ok := key.Field(k.Name)
		if !ok {
			return nil, fmt.Errorf("the key has no column %q", k.Name)
		}
		v, err := k.Type.Fit(value.OfText(field.Text), loc)
		if err != nil {
			return nil, fmt.Errorf("the key's column %q: the value %w", k.Name, err)
		}
		texts[i] = v.Text()
	}
	return texts, nil
}
