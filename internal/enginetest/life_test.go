package enginetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// logins has a person who gave her key up, and another one who got it, each with badges that look them up.
func logins(t *testing.T, e engine) *world {
	t.Helper()
	w := newWorld(t, e)
	w.create(w.source, "CREATE TABLE src_person (login {text}, name {text})", "CREATE TABLE src_badge (number {text}, login {text}, note {text})")
	w.create(w.dest, "CREATE TABLE person (id {id}, login {text} NOT NULL UNIQUE, name {text}, gone_on {tstz})",
		"CREATE TABLE badge (number {text} NOT NULL UNIQUE, person_id {int} REFERENCES person (id), note {text})")
	w.configure(
		tableSync{name: "person", key: `"login"`, columns: "    login = row.login\n    name = row.name", lifecycle: "on_missing = \"archive\"\n    archive = { gone_on = now() }\n    purge_after = \"30d\""},
		tableSync{name: "badge", key: `"number"`, columns: "    number = row.number\n    person_id = lookup(\"person\", \"id\", { login = row.login })\n    note = row.note", lifecycle: `on_missing = "delete"`},
	)
	move := func(from, to string) {
		w.exec(w.source, fmt.Sprintf("UPDATE src_person SET login = '%s' WHERE login = '%s'", to, from))
		w.exec(w.source, fmt.Sprintf("UPDATE src_badge SET login = '%s' WHERE login = '%s'", to, from))
		w.write("moved.hcl", fmt.Sprintf("moved {\n  sync = sync.person\n  from = %q\n  to   = %q\n}\n", from, to))
	}
	w.values("src_person", "smith|ALICE one")
	w.values("src_badge", "A1|smith|ALICE badge")
	w.night("insert 2")
	move("smith", "asmith")
	w.night("rename 1")
	w.write("moved.hcl", "")
	w.values("src_person", "smith|BOB one")
	w.values("src_badge", "B1|smith|BOB badge")
	w.night("insert 2")
	w.exec(w.source, "UPDATE src_person SET name = 'BOB two' WHERE login = 'smith'")
	w.exec(w.source, "UPDATE src_person SET name = 'ALICE two' WHERE login = 'asmith'")
	w.exec(w.source, "UPDATE src_badge SET note = 'ALICE again' WHERE number = 'A1'")
	w.exec(w.source, "UPDATE src_badge SET note = 'BOB again' WHERE number = 'B1'")
	w.night("update 4")
	return w
}

// named are how often the register names the values of each, and their badges'.
func (w *world) named() string {
	w.Helper()
	all := w.registered()
	count := func(texts ...string) (n int) {
		for _, text := range texts {
			n += strings.Count(all, `"`+text)
		}
		return n
	}
	return fmt.Sprintf("ALICE %d+%d, BOB %d+%d", count("ALICE one", "ALICE two"), count("ALICE badge", "ALICE again"), count("BOB one", "BOB two"), count("BOB badge", "BOB again"))
}

// Whoever is purged, or forgotten, is so under the keys that were hers while she had them: who had them before or afterwards is not.
func TestForgottenLives(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		want := func(w *world, what, want string) {
			t.Helper()
			if got := w.named(); got != want {
				t.Errorf("%s: %s, want %s", what, got, want)
			}
		}
		var before, alice, bob string
		for _, one := range []string{"asmith", "smith"} {
			w := logins(t, e)
			before = w.named()
			alice, bob, _ = strings.Cut(before, ", ")
			w.exec(w.source, "DELETE FROM src_badge WHERE login = '"+one+"'")
			w.exec(w.source, "DELETE FROM src_person WHERE login = '"+one+"'")
			w.night("archive 1, delete 1")
			w.now = w.now.AddDate(0, 0, 31)
			w.night("purge 1")
			got := w.named()
			if gone := map[string]string{"asmith": "ALICE 0+", "smith": "BOB 0+"}[one]; !strings.Contains(got, gone) {
				t.Errorf("%s was purged: %s, before %s", one, got, before)
			}
			if stays := map[string]string{"asmith": bob, "smith": alice}[one]; !strings.Contains(got, stays) {
				t.Errorf("%s was purged: %s, before %s", one, got, before)
			}
		}
		w := logins(t, e)
		_, person := w.redact("asmith")
		want(w, "Alice is forgotten", "ALICE 0+0, "+bob)
		if len(person.Lives) != 1 || person.Others != 1 || slices.Contains(person.Values, "smith") || !slices.Contains(person.Values, "asmith") {
			t.Errorf("found %+v", person)
		}
		w = logins(t, e)
		_, person = w.redact("smith")
		want(w, "both are forgotten", "ALICE 0+0, BOB 0+0")
		if len(person.Lives) != 2 || person.Lives[0].Operations != 3 || person.Lives[1].Operations != 2 || person.Others != 1 {
			t.Errorf("found %+v", person)
		}
	})
}
