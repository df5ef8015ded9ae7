package plan

import (
	"encoding/csv"
	"fmt"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/register"
)

// RowKeyNames are what a sync's key is typed by: its columns, and, instead of one that is looked up, the business keys of its lookup as
// "column.key", but for those that are constants.
func RowKeyNames(s *config.Sync) []string {
	var names []string
	for _, k := range s.Destination.Key {
		column := columnOf(s, k)
		if column == nil || column.Lookup == nil {
			names = append(names, k)
			continue
		}
		for i := range column.Lookup.By {
			if by := &column.Lookup.By[i]; len(by.Expr.Refs) > 0 {
				names = append(names, k+"."+by.Column)
			}
		}
	}
	return names
}

// ParseRowKey is ParseKey for people who know no ids: a part of the key that is looked up goes by the business keys of its
// lookup. The fields are named as RowKeyNames has them.
func ParseRowKey(s *config.Sync, text string) (register.Document, error) {
	return parseKey(s, RowKeyNames(s), text)
}

func columnOf(s *config.Sync, name string) *config.Column {
	for i := range s.Columns {
		if s.Columns[i].Name == name {
			return &s.Columns[i]
		}
	}
	return nil
}

// stagedKeyTexts fits a key of ParseRowKey to the columns that it is staged in: their texts, in the order of
// sqlgen.Target.StagedKeyNames. The error names the column, not the value.
func stagedKeyTexts(s *config.Sync, t *sqlgen.Target, key register.Document, loc *time.Location) ([]string, error) {
	var texts []string
	fit := func(name string, typ value.Type, v value.Value) error {
		fitted, err := typ.Fit(v, loc)
		if err == nil && fitted.IsNull() {
			err = errNullKey
		}
		if err != nil {
			return fmt.Errorf("the key's column %q: the value %w", name, err)
		}
		texts = append(texts, fitted.Text())
		return nil
	}
	typed := func(name string, typ value.Type) error {
		field, ok := key.Field(name)
		if !ok {
			return fmt.Errorf("the key has no column %q", name)
		}
		return fit(name, typ, value.OfText(field.Text))
	}
	for _, k := range t.Key {
		l := t.LookupOf(k)
		if l == nil {
			if err := typed(k.Name, k.Type); err != nil {
				return nil, err
			}
			continue
		}
		column := columnOf(s, k.Name)
		for i, by := range l.By {
			expr := &column.Lookup.By[i].Expr
			if len(expr.Refs) > 0 {
				if err := typed(by.Staged.Name, by.Column.Type); err != nil {
					return nil, err
				}
				continue
			}
			v, err := expr.Bind(nil)(nil)
			if err == nil {
				err = fit(by.Staged.Name, by.Column.Type, v)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	return texts, nil
}

// KeyText writes the parts of a key as ParseKey reads them.
func KeyText(texts []string) string {
	if len(texts) == 1 {
		return texts[0]
	}
	var out strings.Builder
	w := csv.NewWriter(&out)
	_ = w.Write(texts) // a builder takes all
	w.Flush()
	return strings.TrimSuffix(out.String(), "\n")
}
