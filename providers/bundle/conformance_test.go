package bundle_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/bundle"
	"github.com/registrar-sync/registrar/providers/providertest"
)

// The tables that the suite writes are the syncs of one faculty.
func TestConformance(t *testing.T) {
	providertest.Exercise(t, providertest.Harness{
		Provider:     bundle.New(),
		Capabilities: providertest.Capabilities{EmptyText: true},
		New: func(t *testing.T) providertest.Database {
			dir := t.TempDir()
			var tables []table
			return providertest.Database{
				Source: providers.Attributes{"manifest": "transfer.csv", "faculty": "SHS"},
				Dir:    dir,
				Write: func(t testing.TB, name string, columns []string, rows [][]value.Value) {
					one := table{sync: bundle.Sync{Address: "sync." + name, Name: name, Table: name, Key: columns[:1]}}
					for _, c := range columns {
						one.sync.Columns = append(one.sync.Columns, bundle.Column{Name: c, Kind: value.Text, SQL: "text"})
					}
					for _, row := range rows {
						cells := make([]bundle.Cell, len(row))
						for i, v := range row {
							cells[i] = bundle.Cell{Text: v.Text(), Null: v.IsNull()}
						}
						one.rows = append(one.rows, cells)
					}
					slices.SortFunc(one.rows, func(a, b []bundle.Cell) int { return strings.Compare(a[0].Text, b[0].Text) })
					tables = append(tables, one)
					for _, file := range []string{"transfer.csv", "transfer.zip"} {
						_ = os.Remove(filepath.Join(dir, file)) // the bundle without that table, if there is one
					}
					write(t, dir, faculty{Faculty: bundle.Faculty{IDExport: "SHS", Label: "hss", Name: "Humanities"}, tables: tables})
				},
			}
		},
	})
}

// table is a sync and its rows; archived are the numbers of those that are, from 0.
type table struct {
	sync     bundle.Sync
	rows     [][]bundle.Cell
	archived []int
}

type faculty struct {
	bundle.Faculty
	tables     []table
	plans      []bundle.HistoryPlan
	operations []bundle.HistoryOperation
	findings   []bundle.HistoryFinding
}

func day(n int) time.Time { return time.Date(2026, 3, n, 4, 5, 6, 0, time.UTC) }

// write writes a bundle, and returns the path of its manifest.
func write(t testing.TB, dir string, faculties ...faculty) string {
	t.Helper()
	w, err := bundle.Create(dir, "transfer", bundle.Head{CreatedOn: day(20), CreatedBy: "tester"})
	must(t, err)
	for _, f := range faculties {
		must(t, w.Faculty(f.Faculty))
		for _, one := range f.tables {
			rows, err := w.Sync(one.sync)
			must(t, err)
			for i, row := range one.rows {
				must(t, rows.Write(row, slices.Contains(one.archived, i)))
			}
			must(t, rows.Close())
		}
		if len(f.plans) == 0 {
			continue
		}
		history := w.History()
		for i := range f.plans {
			must(t, history.Plan(&f.plans[i]))
		}
		for i := range f.operations {
			must(t, history.Operation(&f.operations[i]))
		}
		for i := range f.findings {
			must(t, history.Finding(&f.findings[i]))
		}
		must(t, history.Close())
	}
	_, err = w.Finish()
	must(t, err)
	return filepath.Join(dir, "transfer.csv")
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
