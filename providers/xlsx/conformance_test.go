package xlsx_test

import (
	"archive/zip"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/providertest"
	"github.com/registrar-sync/registrar/providers/xlsx"
)

func TestConformance(t *testing.T) {
	providertest.Exercise(t, providertest.Harness{
		Provider: xlsx.New(),
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
					save(t, filepath.Join(dir, table+".xlsx"), sheetOf(append([][]value.Value{header}, rows...)), nil)
				},
			}
		},
	})
}

// sheetOf is a sheet of texts, as a program without shared texts writes it.
func sheetOf(rows [][]value.Value) string {
	var out strings.Builder
	out.WriteString("<sheetData>")
	for _, row := range rows {
		out.WriteString("<row>")
		for _, v := range row {
			if v.IsNull() {
				out.WriteString("<c/>")
				continue
			}
			fmt.Fprintf(&out, `<c t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>`, escaped(v.Text()))
		}
		out.WriteString("</row>")
	}
	out.WriteString("</sheetData>")
	return out.String()
}

// escaped writes each character that means something to XML, or nothing at all, as a number.
func escaped(text string) string {
	var out strings.Builder
	for _, r := range text {
		switch {
		case r == '_':
			out.WriteString("_x005F_")
		case r < ' ' && r != '\n' && r != '\t' && r != '\r':
			fmt.Fprintf(&out, "_x%04X_", r)
		case r < ' ' || strings.ContainsRune("<>&", r):
			fmt.Fprintf(&out, "&#%d;", r)
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// save writes a workbook of one sheet, whose content is the sheet's; more are other parts, or those of a
// standard workbook in another form, by name.
func save(t testing.TB, path, content string, more map[string]string) {
	t.Helper()
	const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	const packages = "http://schemas.openxmlformats.org/package/2006/relationships"
	parts := map[string]string{
		"_rels/.rels":                `<Relationships xmlns="` + packages + `"><Relationship Id="r1" Type="` + office + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook xmlns="` + main + `" xmlns:r="` + office + `"><sheets><sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships xmlns="` + packages + `"><Relationship Id="r1" Type="` + office + `/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml":   `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<worksheet xmlns="` + main + `">` + content + `</worksheet>`,
	}
	maps.Copy(parts, more)
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	out := zip.NewWriter(file)
	for name, text := range parts {
		if text == "" {
			continue // left out
		}
		w, err := out.Create(name)
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}
