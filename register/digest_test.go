package register_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// operationRow is a row's sync, table, operation, key, before and after; "" for NULL.
type operationRow [6]string

// digest writes a plan and returns its digest.
func (w *world) digest(planID string, firstSeq int, rows []operationRow) string {
	w.Helper()
	for i, row := range rows {
		cells := make([]string, len(row))
		for j, cell := range row {
			if cells[j] = "'" + strings.ReplaceAll(cell, "'", "''") + "'"; cell == "" {
				cells[j] = "NULL"
			}
		}
		w.exec(fmt.Sprintf(`INSERT INTO {operation} (plan_id, seq, sync, table_name, operation, "key", "before", "after") VALUES ('%s', %d, %s)`,
			planID, firstSeq+i, strings.Join(cells, ", ")))
	}
	digest, err := w.r.Digest(w.Context(), w.conn, planID)
	w.must(err)
	return digest
}

// specified is the digest as docs/register.md says it.
func specified(rows []operationRow) string {
	var hashes []string
	for _, row := range rows {
		var text strings.Builder
		for _, cell := range row[:3] {
			fmt.Fprintf(&text, "%d:%s", len(cell), cell)
		}
		for _, document := range row[3:] {
			if document == "" {
				text.WriteString("\x02")
				continue
			}
			text.WriteString("\x01" + document)
		}
		hash := sha256.Sum256([]byte(text.String()))
		hashes = append(hashes, string(hash[:]))
	}
	slices.Sort(hashes)
	sum := sha256.Sum256([]byte(strings.Join(hashes, "")))
	return hex.EncodeToString(sum[:])
}

// The digest is of every operation and all that it does, and of nothing else.
func TestDigest(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		rows := []operationRow{
			{`sync.a["é"]`, "room", "insert", `{"code": "1"}`, "", `{"name": "Säle \u0001", "on": {"$":"now()"}}`},
			{`sync.a["é"]`, "room", "update", `{"code": "2"}`, `{"name": "x"}`, `{"name": null}`},
			{`sync.b`, "room", "delete", `{"code": "1"}`, `{"name": "x"}`, ""},
			{`sync.b`, "room", "delete", `{"code": "2"}`, `{"name": "x"}`, ""},
		}
		want := specified(rows)
		if got := w.digest("whole", 1, rows); got != want {
			t.Fatalf("the digest is %s, want what the documentation says: %s", got, want)
		}
		back := slices.Clone(rows)
		slices.Reverse(back)
		if got := w.digest("in another order", 100, back); got != want {
			t.Error("the numbers and the order of rows count")
		}
		seen := map[string]string{want: "the plan itself"}
		differs := func(what string, rows []operationRow) {
			t.Helper()
			got := w.digest(what, 1, rows)
			if other := seen[got]; other != "" {
				t.Errorf("%s: the digest of %s", what, other)
			}
			seen[got] = what
		}
		differs("none", nil)
		differs("one less", rows[1:])
		differs("one twice", append(slices.Clone(rows), rows[3]))
		differs("two twice", append(slices.Clone(rows), rows[3], rows[3]))
		changed := func(what string, row int, change func(r *operationRow)) {
			t.Helper()
			other := slices.Clone(rows)
			change(&other[row])
			differs(what, other)
		}
		for i := range rows[1] {
			changed(fmt.Sprint("field ", i), 1, func(r *operationRow) {
				if r[i] += "x"; i >= 3 {
					r[i] = `{"name": "y"}`
				}
			})
		}
		changed("before and after swapped", 1, func(r *operationRow) { r[4], r[5] = r[5], r[4] })
		changed("before made after", 2, func(r *operationRow) { r[4], r[5] = r[5], r[4] })
		changed("a blank", 1, func(r *operationRow) { r[3] = `{"code":"2"}` })
		changed("the boundary of two texts", 2, func(r *operationRow) { r[0], r[1] = "sync.br", "oom" })
	})
}

// SQLite's documents may be anything: nothing that somebody writes passes for a document.
func TestDigestOfNoDocuments(t *testing.T) {
	w := newWorld(t, "sqlite")
	w.init(false)
	seen := map[string]string{}
	for i, documents := range []string{
		"'{}', NULL, '{}'", "'{}', '', '{}'", "'{}', '{}', NULL", "'{}', x'', '{}'", "'{}', x'7b7d', '{}'", "'{}', '{}', '{}'", "'{}', '1', '{}'",
		"'{}', '{}' || char(0), '{}'", "'{}', '{}' || char(0) || 'x', '{}'",
	} {
		id := fmt.Sprint(i)
		w.exec(`INSERT INTO {operation} (plan_id, seq, sync, table_name, operation, "key", "before", "after") VALUES ('` + id + `', 1, 's', 't', 'o', ` + documents + ")")
		digest, err := w.r.Digest(w.Context(), w.conn, id)
		w.must(err)
		if other := seen[digest]; other != "" {
			t.Errorf("%s has the digest of %s", documents, other)
		}
		seen[digest] = documents
	}
}
