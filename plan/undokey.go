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

// parseUndoKey reads the key of a row of which something is undone as ParseRowKey does, and fits it. A column that is
// looked up may be given by its name, too: then it is what the row itself holds. The error names the column, not the value.
func parseUndoKey(s *config.Sync, own *sqlgen.Target, text string, loc *time.Location) (sqlgen.UndoKey, error) {
	doc := namedKey(s, text)
	if doc == nil {
		var err error
		if doc, err = ParseRowKey(s, text); err != nil {
			return nil, err
		}
	}
	var key sqlgen.UndoKey
	for _, field := range doc {
		typ, ok := keyType(own, field.Column)
		if !ok {
			return nil, fmt.Errorf("the key has no column %q", field.Column)
		}
		v, err := typ.Fit(value.OfText(field.Text), loc)
		if err == nil && v.IsNull() {
			err = errNullKey
		}
		if err != nil {
			return nil, fmt.Errorf("the key's column %q: the value %w", field.Column, err)
		}
		key = append(key, sqlgen.UndoKeyMember{Name: field.Column, Text: v.Text()})
	}
	return key, nil
}

// namedKey reads a key each part of which is NAME=VALUE, a column of the key or what it is looked up by, and that leaves no
// column out; nil: the text is no such.
func namedKey(s *config.Sync, text string) register.Document {
	fields := []string{text}
	names := RowKeyNames(s)
	if len(names) > 1 {
		var err error
		if fields, err = csv.NewReader(strings.NewReader(text)).Read(); err != nil {
			return nil
		}
	}
	given := map[string]string{}
	for _, field := range fields {
		name, value, ok := strings.Cut(field, "=")
		if _, twice := given[name]; !ok || twice {
			return nil
		}
		given[name] = value
	}
	var doc register.Document
	for _, k := range s.Destination.Key {
		of := []string{k}
		if _, byItself := given[k]; !byItself {
			of = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !strings.HasPrefix(name, k+".") })
		}
		for _, name := range of {
			value, ok := given[name]
			if !ok {
				return nil
			}
			doc = append(doc, register.Field{Column: name, Text: value})
		}
	}
	if len(doc) != len(given) {
		return nil
	}
	return doc
}

// keyType is the type of a member of the key.
func keyType(own *sqlgen.Target, name string) (value.Type, bool) {
	for _, k := range own.Key {
		if k.Name == name {
			return k.Type, true
		}
		l := own.LookupOf(k)
		if l == nil {
			continue
		}
		for _, by := range l.By {
			if by.Staged.Name == name {
				return by.Column.Type, true
			}
		}
	}
	return value.Type{}, false
}
