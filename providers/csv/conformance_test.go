package csv_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/csv"
	"github.com/registrar-sync/registrar/providers/providertest"
)

func TestConformance(t *testing.T) {
	providertest.Exercise(t, providertest.Harness{
		Provider:     csv.New(),
		Capabilities: providertest.Capabilities{EmptyText: true},
		New: func(t *testing.T) providertest.Database {
			dir := t.TempDir()
			return providertest.Database{
				Source: providers.Attributes{"directory": "."},
				Dir:    dir,
				Write: func(t testing.TB, table string, columns []string, rows [][]value.Value) {
					header := make([]value.Value, len(columns))
					for i, name := range columns {
						header[i] = value.OfText(name)
					}
					text := format(append([][]value.Value{header}, rows...), ",", "\r\n")
					if err := os.WriteFile(filepath.Join(dir, table+".csv"), []byte(text), 0o600); err != nil {
						t.Fatal(err)
					}
				},
			}
		},
	})
}

// format writes rows of text as this provider reads them: NULL as nothing, all
// else quoted where it must be.
func format(rows [][]value.Value, delimiter, end string) string {
	var out strings.Builder
	for _, row := range rows {
		for i, v := range row {
			if i > 0 {
				out.WriteString(delimiter)
			}
			switch text := v.Text(); {
			case v.IsNull():
			case text == "" || strings.ContainsAny(text, "\"\r\n"+delimiter):
				out.WriteString(`"` + strings.ReplaceAll(text, `"`, `""`) + `"`)
			default:
				out.WriteString(text)
			}
		}
		out.WriteString(end)
	}
	return out.String()
}
