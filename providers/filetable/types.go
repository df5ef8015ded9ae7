package filetable

import (
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/internal/suggest"
	"github.com/registrar-sync/registrar/internal/value"
)

// kinds are the names of types, as a configuration writes them.
func kinds() map[string]value.Kind {
	return map[string]value.Kind{
		"text": value.Text, "integer": value.Int, "decimal": value.Decimal, "float": value.Float, "bool": value.Bool,
		"date": value.Date, "time": value.Time, "timestamp": value.DateTime, "timestamptz": value.Instant,
	}
}

// KindNamed returns the kind of a type, as a configuration writes it.
func KindNamed(name string) (value.Kind, error) {
	all := kinds()
	if kind, ok := all[name]; ok {
		return kind, nil
	}
	names := make([]string, 0, len(all))
	for known := range all {
		names = append(names, known)
	}
	slices.Sort(names)
	return 0, fmt.Errorf("%q is not a type; the types are %s.%s", name, strings.Join(names, ", "), suggest.Question(name, names))
}

// Types are the declared types of columns, by column or "table.column".
type Types map[string]value.Kind

// ParseTypes reads the attribute types.
func ParseTypes(declared map[string]string) (Types, error) {
	types := Types{}
	for column, name := range declared {
		kind, err := KindNamed(name)
		if err != nil {
			return nil, fmt.Errorf("types: column %q: %w", column, err)
		}
		types[column] = kind
	}
	return types, nil
}

// Of returns a column's declared type: that of table.column before that of column, that of
// the exact name before one in another case, as row.x ignores case. false: none is declared.
func (t Types) Of(table, name string) (value.Kind, bool, error) {
	for _, key := range []string{table + "." + name, name} {
		if kind, ok := t[key]; ok {
			return kind, true, nil
		}
		found, match := value.Null, ""
		for declared, kind := range t {
			if !strings.EqualFold(declared, key) {
				continue
			}
			if match != "" && kind != found {
				return 0, false, fmt.Errorf("types: column %q of table %q is meant by both %q and %q", name, table, min(match, declared), max(match, declared))
			}
			found, match = kind, declared
		}
		if match != "" {
			return found, true, nil
		}
	}
	return 0, false, nil
}

// Check refuses types of columns that the table, which has those names, does not have. A name
// without a table may be meant for another of the directory's files; one with this table's name cannot.
func (t Types) Check(table string, names []string) error {
	for declared := range t {
		name, ok := strings.CutPrefix(declared, table+".")
		is := func(known string) bool { return strings.EqualFold(known, name) || strings.EqualFold(known, declared) }
		if ok && !slices.ContainsFunc(names, is) {
			hint := suggest.Question(name, names)
			if hint == "" {
				hint = " Its columns: " + suggest.List(names, 20) + "."
			}
			return fmt.Errorf("types: table %q has no column %q.%s", table, name, hint)
		}
	}
	return nil
}
