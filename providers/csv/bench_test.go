package csv_test

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// BenchmarkRead reads a table of students, ten columns wide. MB/s are the file's
// bytes; rows/s and allocs/row are what plans feel.
func BenchmarkRead(b *testing.B) {
	const n = 100_000
	var plain, quoted strings.Builder
	plain.WriteString("COD_ETU;NOM;PRENOM;DATE_NAI;MAIL;COMPOSANTE;ETAPE;ANNEE;MONTANT;ACTIF\n")
	quoted.WriteString(plain.String())
	for i := range n {
		fields := []string{
			fmt.Sprint(20_000_000 + i), fmt.Sprint("MARTINEAU", i%97), "Élodie", fmt.Sprintf("%02d/%02d/%d", i%28+1, i%12+1, 1990+i%15),
			fmt.Sprintf("e%d@example.org", i), "HSS", "L1HIST", "2026", fmt.Sprintf("%d,%02d", i%900, i%100), "O",
		}
		plain.WriteString(strings.Join(fields, ";") + "\n")
		quoted.WriteString(`"` + strings.Join(fields, `";"`) + "\"\n")
	}
	latin, err := charmap.ISO8859_15.NewEncoder().String(plain.String())
	if err != nil {
		b.Fatal(err)
	}
	types := map[string]any{"DATE_NAI": "date", "MONTANT": "decimal", "ANNEE": "integer", "ACTIF": "bool"}
	for _, c := range []struct {
		name, file string
		attributes providers.Attributes
	}{
		{"text", plain.String(), nil},
		{"quoted", quoted.String(), nil},
		{"iso-8859-15", latin, providers.Attributes{"encoding": "iso-8859-15"}},
		{"typed", plain.String(), providers.Attributes{
			"types": types, "date_format": "DD/MM/YYYY", "decimal": ",", "true_values": []any{"O"}, "false_values": []any{"N"},
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			settings := providers.Attributes{"delimiter": ";"}
			maps.Copy(settings, c.attributes)
			snapshot := open(b, write(b, map[string]string{"data/x.csv": c.file}), settings)
			b.SetBytes(int64(len(c.file)))
			b.ReportAllocs()
			row := make([]value.Value, 10)
			for b.Loop() {
				rows, err := snapshot.Read(b.Context(), providers.Query{Table: "x"})
				if err != nil {
					b.Fatal(err)
				}
				read := 0
				for err = rows.Next(row); err == nil; err = rows.Next(row) {
					read++
				}
				if !errors.Is(err, io.EOF) || read != n {
					b.Fatalf("%d rows, %v", read, err)
				}
				if err := rows.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
