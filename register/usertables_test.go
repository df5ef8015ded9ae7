package register_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/providers"
)

// What roles are granted of the tables in which the database itself says who wrote a row are all of their other columns.
func TestUserTableColumns(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		for _, table := range registerTables {
			columns := w.columnsOf(table)
			if is := slices.Contains(columns, "database_user"); is != slices.Contains(providers.UserTables(), table) {
				w.Errorf("%s has a column database_user: %t", table, is)
			} else if is {
				if diff := cmp.Diff(columns, append(providers.UserTableColumns(table), "database_user"), cmp.Transformer("sort", func(list []string) []string {
					return slices.Sorted(slices.Values(list))
				})); diff != "" {
					w.Errorf("%s (-has +granted):\n%s", table, diff)
				}
			}
		}
	})
}

// columnsOf names the columns of one of the register's tables, in lower case.
func (w *world) columnsOf(table string) []string {
	w.Helper()
	found, err := w.conn.QueryContext(w.Context(), w.named("SELECT * FROM {"+table+"} WHERE 1 = 0"))
	w.must(err)
	defer found.Close()
	columns, err := found.Columns()
	w.must(err)
	for i, column := range columns {
		columns[i] = strings.ToLower(column)
	}
	w.must(found.Err())
	return columns
}

func TestUserTableColumnsOfAnotherTable(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("any table has columns")
		}
	}()
	providers.UserTableColumns("operation")
}
