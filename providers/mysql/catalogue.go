package mysql

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/providers/sqlsource"
)

// querier runs queries: *sql.Conn and *sql.Tx are some.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// relation is a table or a view.
type relation struct{ database, name string }

func (r relation) sql() string { return quote(r.database) + "." + quote(r.name) }

// findTable finds a table by a name of the configuration: table or database.table, each of which
// may be in backticks. Case counts where it does to the server. Its error may be as of sqlsource.NoTable.
func findTable(ctx context.Context, q querier, name string) (relation, error) {
	var current string
	var folding int
	if err := q.QueryRowContext(ctx, "SELECT database(), @@lower_case_table_names").Scan(&current, &folding); err != nil {
		return relation{}, fmt.Errorf("look for table %q: %w", name, err)
	}
	names := map[string][]string{} // by database
	for _, candidate := range candidates(current, name) {
		if _, known := names[candidate.database]; !known {
			found, err := tableNames(ctx, q, candidate.database)
			if err != nil {
				return relation{}, err
			}
			names[candidate.database] = found
		}
		for _, there := range names[candidate.database] {
			if there == candidate.name || folding != 0 && strings.EqualFold(there, candidate.name) {
				return relation{candidate.database, there}, nil
			}
		}
	}
	var suggested []string
	for database, tables := range names {
		for _, table := range tables {
			if database != current {
				table = database + "." + table
			}
			suggested = append(suggested, table)
		}
	}
	slices.Sort(suggested)
	return relation{}, sqlsource.NoTable(name, suggested)
}

// candidates are what a name may mean, the likeliest first.
func candidates(current, name string) []relation {
	if parts, ok := unquote(name); ok {
		switch len(parts) {
		case 1:
			return []relation{{current, parts[0]}}
		case 2:
			return []relation{{parts[0], parts[1]}}
		}
	}
	list := []relation{{current, name}}
	for i := range len(name) {
		if name[i] == '.' {
			list = append(list, relation{name[:i], name[i+1:]})
		}
	}
	return list
}

// unquote splits `a`.`b` and the like at its dots; false where nothing is quoted so.
func unquote(name string) (parts []string, ok bool) {
	for rest := name; ; rest = rest[1:] { // behind a dot
		end := quotedLength(rest)
		if end > 0 {
			parts, ok = append(parts, strings.ReplaceAll(rest[1:end-1], "``", "`")), true
		} else {
			if end = strings.IndexByte(rest, '.'); end < 0 {
				end = len(rest)
			}
			parts = append(parts, rest[:end])
		}
		if rest = rest[end:]; rest == "" {
			return parts, ok
		}
		if rest[0] != '.' {
			return nil, false
		}
	}
}

// quotedLength is that of the quoted name with which a text begins, 0 where it does not.
func quotedLength(text string) int {
	if !strings.HasPrefix(text, "`") {
		return 0
	}
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] != '`':
		case i+1 < len(text) && text[i+1] == '`':
			i++
		default:
			return i + 1
		}
	}
	return 0
}

// tableNames lists the tables and views of a database that this user can see.
func tableNames(ctx context.Context, q querier, database string) (names []string, err error) {
	rows, err := q.QueryContext(ctx, "SELECT table_name FROM information_schema.tables WHERE table_schema = ? ORDER BY table_name", database)
	if err != nil {
		return nil, fmt.Errorf("list the tables of %s: %w", database, err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list the tables of %s: %w", database, err)
	}
	return names, nil
}
