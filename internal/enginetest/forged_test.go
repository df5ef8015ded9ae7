package enginetest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// set changes a row of the register, as who may write there can.
func (w *world) set(table, column, where string, value any) {
	w.Helper()
	quoted := `"` + column + `"`
	if value == nil {
		w.exec(w.dest, fmt.Sprintf("UPDATE %s SET %s = NULL WHERE %s", w.registerTable(table), quoted, where))
		return
	}
	w.exec(w.dest, fmt.Sprintf("UPDATE %s SET %s = %s WHERE %s", w.registerTable(table), quoted, w.engine.param(1), where), value)
}

// seal gives a plan that was changed in the register the digest that fits it there, and returns it as the register has it: the
// plan itself where nobody can read it any more.
func (w *world) seal(p *plan.Plan) *plan.Plan {
	w.Helper()
	w.inRegister(func(r register.Register, q providers.Querier) {
		stored, err := r.Plan(w.Context(), q, p.ID)
		w.must(err)
		digest, err := r.Effects(w.Context(), q, p.ID, stored.Syncs, stored.Files)
		w.must(err)
		w.set("plan", "digest", "id = '"+p.ID+"'", digest)
		p.Destinations[0].Digest = digest
	})
	if recalled, err := w.recall(p.ID); err == nil {
		return recalled
	}
	return p
}

// wantForged asserts that a plan is refused for a reason, and was not applied.
func (w *world) wantForged(what string, p *plan.Plan, reason string) {
	w.Helper()
	executions := w.rows(w.dest, "SELECT count(*) FROM "+w.registerTable("execution"))[0]
	if _, err := w.tryApply(p); !errorIs[*apply.RefusedError](err) || !strings.Contains(err.Error(), reason) {
		w.Errorf("%s: apply = %v, want %q", what, err, reason)
	}
	if now := w.rows(w.dest, "SELECT count(*) FROM "+w.registerTable("execution"))[0]; now != executions {
		w.Fatalf("%s: it was applied", what)
	}
}

// forgeable is a plan that updates one course and archives another one.
func forgeable(t *testing.T, e engine) (*world, *plan.Plan) {
	t.Helper()
	w := campus(t, e)
	w.values("src_department", "HIS|History")
	w.values("src_course", "C1|Rome|HIS", "C2|Athens|HIS", "C3|Huns|HIS")
	w.night("insert 4")
	w.exec(w.source, "UPDATE src_course SET title = 'Roma' WHERE code = 'C1'")
	w.exec(w.source, "DELETE FROM src_course WHERE code = 'C2'")
	w.values("src_department", "MAT|Mathematics")
	w.values("src_course", "C4|Algebra|MAT")
	p := w.plan()
	w.wantCounts(p, "insert 2, update 1, archive 1")
	return w, p
}

// Readers do not agree on what such documents say: what is shown of them would not be what is done.
func TestForgedDocumentsAreRefused(t *testing.T) {
	member := regexp.MustCompile(`("[^"]*") ?: ?("[^"]*"|null|\{[^}]*\})`)
	last := regexp.MustCompile(`,? ?"[^"]*" ?: ?("[^"]*"|null|\{[^}]*\})\}$`)
	number := regexp.MustCompile(`"([0-9]+)"`)
	marker := regexp.MustCompile(`\{"\$":"now\(\)"\}`)
	null := regexp.MustCompile(`null`)
	always := map[string]func(string) string{
		"a member twice, at the end":       func(s string) string { return strings.TrimSuffix(s, "}") + ", " + evil(member, s) + "}" },
		"a member twice, at the beginning": func(s string) string { return "{" + evil(member, s) + ", " + s[1:] },
		"a member is missing":              func(s string) string { return last.ReplaceAllString(s, "}") },
		"one more member":                  func(s string) string { return strings.TrimSuffix(s, "}") + `, "more": "x"}` },
		"another order": func(s string) string {
			members := member.FindAllString(s, -1)
			slices.Reverse(members)
			return "{" + strings.Join(members, ", ") + "}"
		},
		"a blank at the end": func(s string) string { return s + " " },
		"an escape":          func(s string) string { return strings.Replace(s, `"c`, `"\u0063`, 1) },
		"a number":           func(s string) string { return number.ReplaceAllString(s, "$1") },
		"a text for now()":   func(s string) string { return marker.ReplaceAllString(s, `"2020-01-01 00:00:00Z"`) },
		"another marker":     func(s string) string { return marker.ReplaceAllString(s, `{"$":"then()"}`) },
		"a blank in now()":   func(s string) string { return marker.ReplaceAllString(s, `{"$": "now()"}`) },
		"now() for NULL":     func(s string) string { return null.ReplaceAllString(s, `{"$":"now()"}`) },
		"no members":         func(string) string { return "{}" },
	}
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p := forgeable(t, e)
		// Each once for each document: that takes as many applies.
		tried, triedOf := map[string]bool{}, map[string]bool{}
		for _, operation := range []string{"update", "archive", "insert"} {
			for _, column := range []string{"key", "before", "after"} {
				where := "plan_id = '" + p.ID + "' AND sync = 'sync.course' AND operation = '" + operation + "'"
				held := w.rows(w.dest, fmt.Sprintf(`SELECT "%s" FROM %s WHERE %s`, column, w.registerTable("operation"), where))[0]
				try := func(what string, forged any) {
					t.Helper()
					tried[what] = true
					w.set("operation", column, where, forged)
					w.wantForged(fmt.Sprintf("%s, %s of %s: %v", what, column, operation, forged), w.seal(p), "are not as registrar writes them")
				}
				if held == "∅" {
					try("a document too many", `{}`)
					w.set("operation", column, where, nil)
					continue
				}
				for what, forge := range always {
					if forged := forge(held); forged != held && !triedOf[column+what] {
						triedOf[column+what] = true
						try(what, forged)
					}
				}
				if column != "key" {
					try("no document", nil)
				}
				w.set("operation", column, where, held)
			}
		}
		for what := range always {
			if !tried[what] {
				t.Errorf("%s: not tried", what)
			}
		}
		// As it was, it is applied.
		w.apply(w.seal(p))
		w.wantRows(campusState, "C1|Roma|HIS|-", "C2|Athens|HIS|d", "C3|Huns|HIS|-", "C4|Algebra|MAT|-")
	})
}

// evil is the first member of a document with another value.
func evil(member *regexp.Regexp, document string) string {
	return member.FindStringSubmatch(document)[1] + `: "EVIL"`
}

// Whatever shows a document that has a member twice, or approves of it, fails.
func TestRepeatedMemberIsNotShown(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p := forgeable(t, e)
		where := "plan_id = '" + p.ID + "' AND operation = 'update'"
		w.set("operation", "after", where, `{"title": "Roma", "title": "EVIL", "department_id": null, "department_id.code": null}`)
		if _, err := w.recall(p.ID); err == nil || !strings.Contains(err.Error(), "has a member twice") {
			t.Errorf("recall = %v", err)
		}
	})
}

// What the summary says, by which a plan is shown, is what the operations and the configuration are.
func TestForgedSummaryIsRefused(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p := forgeable(t, e)
		row := "id = '" + p.ID + "'"
		summary := w.rows(w.dest, "SELECT summary FROM "+w.registerTable("plan")+" WHERE "+row)[0]
		replace := func(from, to string) {
			t.Helper()
			if !strings.Contains(summary, from) {
				t.Fatalf("the summary has no %s: %s", from, summary)
			}
			w.set("plan", "summary", row, strings.Replace(summary, from, to, 1))
		}
		const changed = "its operations in the register are not those that were planned"
		recalled := func() *plan.Plan {
			t.Helper()
			again, err := w.recall(p.ID)
			w.must(err)
			return again
		}
		replace(`"archive":1`, `"archive":0`)
		w.wantForged("fewer operations", recalled(), changed)
		w.wantForged("fewer operations than the file tells of", p, "the file tells of other counts, hooks or files")
		replace(`"archive":1`, `"archive":1,"delete":1`)
		w.wantForged("more operations", recalled(), changed)
		replace(`"table":"course"`, `"table":"department"`)
		w.wantForged("another table", recalled(), changed)
		replace(`"counts"`, `"hooks":[{"when":"after_apply","sql":"SELECT 1"}],"counts"`)
		w.wantForged("a hook", recalled(), changed)
		w.wantForged("a hook with its digest", w.seal(p), "with other tables or hooks than the configuration")
		replace(`"destinations"`, `"files":["column more is added"],"destinations"`)
		w.wantForged("what is published", recalled(), changed)

		// Operations that the configuration never does.
		replace(`"archive":1`, `"delete":1`)
		where := "plan_id = '" + p.ID + "' AND operation = 'archive'"
		w.set("operation", "operation", where, "delete")
		w.wantForged("a delete", w.seal(p), "are not as registrar writes them")
	})
}

// An approval is of the hooks, too, and of their order.
func TestApprovalIsOfHooks(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, archiving)
		w.room("R1", "One", 1)
		author, key := w.signKey(), w.signKey()
		by := approver{key: key, trusted: publics(author, key)}
		const (
			before = "  before_apply = [\"UPDATE room SET name = name\", \"UPDATE room SET seats = seats\"]\n"
			after  = "  after_apply = \"DELETE FROM room\"\n"
		)
		plain := string(w.load().Files["main.hcl"])
		with := func(hooks string) *plan.Plan {
			t.Helper()
			w.write("main.hcl", strings.Replace(plain, "  lifecycle {", hooks+"  lifecycle {", 1))
			return w.saved(w.plan(), author)
		}
		refused := func(what, hooks string) {
			t.Helper()
			if err := w.applyTrusting(with(hooks), 1, by.trusted...); !errorIs[*apply.ApprovalError](err) {
				t.Errorf("%s: apply = %v", what, err)
			}
			w.wantRooms()
		}
		w.must(w.approve(with(""), by))
		refused("hooks are added", before)
		refused("a hook is added", after)

		w.must(w.approve(with(before), by))
		refused("a hook is changed", strings.Replace(before, "= seats", "= 0", 1))
		refused("a hook is removed", strings.Replace(before, `, "UPDATE room SET seats = seats"`, "", 1))
		refused("hooks are in another order", `  before_apply = ["UPDATE room SET seats = seats", "UPDATE room SET name = name"]`+"\n")
		refused("hooks are run after", strings.Replace(before, "before_", "after_", 1))
		refused("one more hook", before+after)
		w.must(w.applyTrusting(with(before), 1, by.trusted...))
		w.wantRooms("R1|One|1|A|c|-|-")
	})
}

// A plan whose summary says nothing of the configuration's hooks is not the one that was approved of.
func TestHiddenHookIsRefused(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, archiving)
		w.room("R1", "One", 1)
		w.edit("  lifecycle {", "  after_apply = \"DELETE FROM room\"\n  lifecycle {")
		p := w.plan()
		row := "id = '" + p.ID + "'"
		summary := w.rows(w.dest, "SELECT summary FROM "+w.registerTable("plan")+" WHERE "+row)[0]
		hidden := regexp.MustCompile(`"hooks":\[[^]]*\],?`).ReplaceAllString(summary, "")
		if hidden == summary {
			t.Fatalf("the summary has no hooks: %s", summary)
		}
		w.set("plan", "summary", row, hidden)
		w.wantForged("a hook is hidden", w.seal(p), "with other tables or hooks than the configuration")
		w.set("plan", "summary", row, summary)
		p = w.seal(p)
		p.Destinations[0].Syncs[0].Hooks = nil
		w.wantForged("the file hides a hook", p, "the file tells of other counts, hooks or files")
	})
}

// A planner's clock is believed as far as others' clocks allow.
func TestForgedTimesAreRefused(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, archiving)
		w.room("R1", "One", 1)
		made := w.now
		ahead := func(by time.Duration) *plan.Plan {
			t.Helper()
			w.now = made.Add(by)
			p := w.plan()
			w.now = made
			return p
		}
		w.wantForged("made six minutes ahead", ahead(6*time.Minute), "it was made in the future")

		p := ahead(0)
		ttl := w.load().Settings.PlanTTL
		set := func(column string, to time.Time) *plan.Plan {
			t.Helper()
			format := "2006-01-02 15:04:05.000000"
			if e.name != "mysql" {
				format += "Z"
			}
			w.set("plan", column, "id = '"+p.ID+"'", to.UTC().Format(format))
			again, err := w.recall(p.ID)
			w.must(err)
			return again
		}
		long := set("expires_on", p.CreatedOn.Add(ttl+2*time.Minute))
		w.wantForged("it lives too long", long, "later than plan_ttl")
		short := set("expires_on", p.CreatedOn.Add(ttl-time.Hour))
		w.wantForged("the file has another expiry", p, "with other times than the file")
		older := set("created_on", p.CreatedOn.Add(-time.Minute))
		w.wantForged("the file has another age", short, "with other times than the file")

		older.Destinations[0].Syncs[0].Held = "it is much"
		if err := w.tryOverride(older, "as agreed"); !errorIs[*apply.RefusedError](err) || !strings.Contains(err.Error(), "do not agree on whether it is held") {
			t.Errorf("held in the file alone: %v", err)
		}
		older.Destinations[0].Syncs[0].Held = ""
		w.set("plan", "status", "id = '"+p.ID+"'", string(register.Held))
		w.wantForged("held in the register alone", older, "do not agree on whether it is held")
		w.wantRooms()

		// Clocks are never quite the same.
		w.apply(ahead(4 * time.Minute))
		w.wantRooms("R1|One|1|A|c|-|-")
	})
}

// Every operation that there is passes for what registrar writes, whatever its values are.
func TestSoundDocuments(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, archiving)
		for i, name := range []string{"", " ", `"quoted" \ and /`, "tab\tand\nline", "\x01\x7f", "Zoë 🙂 \u2028", "null", `{"$":"now()"}`, "{}", "a, b: c"} {
			w.room(fmt.Sprintf("R%d %s", i, name), name, i)
		}
		p := w.plan()
		w.wantCounts(p, fmt.Sprint(config.Insert)+" 10")
		w.apply(p)
		w.exec(w.source, "UPDATE src SET name = concat(name, '\"'), seats = NULL WHERE seats < 5")
		w.exec(w.source, "DELETE FROM src WHERE seats > 7")
		p = w.plan()
		w.wantCounts(p, "update 5, archive 2")
		w.apply(p)
		w.settled()
	})
}
