package postgres

import "strings"

// RowHash hashes in the server, which spares sending the documents. No valid JSON has
// the characters 1 and 2, not even within a string.
func (Dialect) RowHash(texts, documents []string) string {
	parts := make([]string, 0, len(texts)+len(documents))
	for _, text := range texts {
		parts = append(parts, "pg_catalog.octet_length("+text+")"+concatenate+"':'"+concatenate+text)
	}
	for _, document := range documents {
		parts = append(parts, "coalesce(pg_catalog.chr(1)"+concatenate+"CAST("+document+" AS pg_catalog.text), pg_catalog.chr(2))")
	}
	return "pg_catalog.sha256(pg_catalog.convert_to(" + strings.Join(parts, concatenate) + ", 'UTF8'))"
}
