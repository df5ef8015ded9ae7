package examples_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/registrar-sync/registrar/examples"
	"github.com/registrar-sync/registrar/internal/cli"
)

// explanation is what is read of registrar explain --json.
type explanation struct {
	Sync    string `json:"sync"`
	Verdict struct {
		Kind     string `json:"kind"`
		Sentence string `json:"sentence"`
	} `json:"verdict"`
	Besides []string `json:"besides"`
}

// said is the verdict and all beside it.
func (e *explanation) said() string {
	return strings.Join(append([]string{e.Verdict.Sentence}, e.Besides...), "\n")
}

// registrar runs a command in the world's folder, and returns what it writes.
func (w *world) registrar(args ...string) string {
	w.Helper()
	var out, errs bytes.Buffer
	code := cli.Run(w.Context(), cli.Environment{
		Args: args, Environ: w.environ, Dir: w.dir, Author: "you@example", Version: "0.1.0", Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
		Now: func() time.Time { return w.now }, NewID: uuid.NewString, Providers: known(), Examples: examples.FS,
	})
	if code != 0 {
		w.Fatalf("registrar %s: exit code %d\n%s%s", strings.Join(args, " "), code, out.String(), errs.String())
	}
	return out.String()
}

// explain asks about a row of one instance.
func (w *world) explain(sync, key string) *explanation {
	w.Helper()
	var document struct {
		Explanations []*explanation `json:"explanations"`
	}
	w.must(json.Unmarshal([]byte(w.registrar("explain", sync, key, "--json")), &document))
	if len(document.Explanations) != 1 {
		w.Fatalf("explain %s %s: %d explanations, want 1", sync, key, len(document.Explanations))
	}
	return document.Explanations[0]
}

// because wants a verdict, and texts in what is said with it.
func (w *world) because(symptom, sync, key, kind string, says ...string) {
	w.Helper()
	got := w.explain(sync, key)
	if got.Verdict.Kind != kind {
		w.Errorf("%s: explain %s %q: %s, want %s:\n%s", symptom, sync, key, got.Verdict.Kind, kind, got.said())
		return
	}
	for _, text := range says {
		if !strings.Contains(got.said(), text) {
			w.Errorf("%s: explain %s %q does not say %q:\n%s", symptom, sync, key, text, got.said())
		}
	}
}

// Each symptom of the platform's published list of known problems that a database can answer, by the row that people ask about.
func TestEcampusExplained(t *testing.T) {
	t.Parallel()
	e := ecampusOnSQLite(t)
	e.on("2026-09-08")
	e.init(e.load())
	e.because("before the first night", "sync.courses", "LPH110", "waiting", "the destination does not", "It waits for the next run: it will be inserted on 2026-09-08 03:30 CEST.")
	e.night(ecampusFirst)
	e.now = e.now.Add(6 * time.Hour)

	e.because("nothing is wrong", "sync.accounts", "29910001", "in_step", "In step")
	e.because("account without e-mail", "sync.accounts", "rahmani", "rejected", "no row is written: has_email: account rahmani has no e-mail: its component has to give one.")
	e.because("the teacher whose account that is", "sync.teachers", "LPH103 teacher,rahmani", "rejected", `account_id: no row of the looked-up table has username = "rahmani"`)
	e.because("no enrolment down to the group", "sync.students", "AN-10A student,29910003", "not_in_source", "check.no_group says: not enrolled: they are in none of its groups")
	e.because("neither groups nor load", "sync.students", "LPH110 student,29910014", "not_in_source", "check.no_group says: not enrolled: it has neither groups nor teaching load")
	e.because("carried element", "sync.courses", "2HR5C", "not_in_source", "which carries it")
	e.because("student of a carried element", "sync.students", "M.1HRP9C student,29910012", "not_in_source", "the collection of their group is not shared with M.1HRP9C, which carries it")
	e.because("student of a carried element whose collection is shared", "sync.students", "M.1HRP9C student,29910011", "in_step")
	e.because("cancelled and replaced enrolment", "sync.students", "AN-10A student,29910008", "not_in_source", "check.replaced says: not enrolled: the element was chosen under 1LANGL701, cancelled and replaced by 1HPH701")
	e.because("Erasmus", "sync.students", "AN-10A student,29910004", "not_in_source", "check.exchange says: left out: Erasmus+ Départ An")
	e.because("teacher not scheduled", "sync.teachers", "AN-10A teacher,noel", "not_in_source", "nothing is scheduled with them, only associated")
	e.because("teacher of an element that is not current", "sync.teachers", "LPH099 teacher,prigent", "not_in_source", "LPH099 is not a current element")
	e.because("pseudo-group", "sync.members", "ELP_LPH103_CM,29910006", "in_step")
	e.because("pseudo-group that real groups mask", "sync.groups", "ELP_M.1A561_CM", "not_in_source", "check.masked_schedule says: M.1A561 has groups now, but is still scheduled on the pseudo-group")
	e.because("too many teachers, of last year", "sync.teachers", "LPH103 teacher,sorel", "in_step")
	e.because("no such student", "sync.accounts", "29919999", "unknown", "check it", "The register holds nothing before 2026-09-08")

	// Nobody's choice is undone: a hidden course that was opened stays open.
	e.because("hidden course", "sync.courses", "AN-10A", "in_step")
	e.change(e.destination, "nights/1-by-hand.sql")
	e.because("hidden course that the teachers opened", "sync.courses", "AN-10A", "in_step", "left so by ignore_changes: visible")

	e.because("wrong name, as at the source", "sync.accounts", "29910002", "in_step")
	e.source("UPDATE compte SET nom = 'Cassell' WHERE uid = '29910002'")
	e.because("wrong name, corrected at the source", "sync.accounts", "29910002", "waiting", "another value than the destination (last_name)", "2026-09-09 03:30 CEST")
	e.source("UPDATE compte SET nom = 'Cassel' WHERE uid = '29910002'")

	// By day, until the next night: out of step for a time.
	e.on("2026-09-09")
	e.now = e.now.Add(-12 * time.Hour)
	e.change(e.refer, "nights/2-gone.sql")
	e.because("temporary desynchronisation", "sync.students", "AN-10A student,29910003", "waiting", "it will be inserted on 2026-09-09 03:30 CEST", "the last one applied is of 2026-09-08")
	e.because("course gone", "sync.courses", "LPH103", "waiting", "The source lacks it.", "it will be archived on 2026-09-09 03:30 CEST")
	e.because("suspended element, before the night", "sync.students", "M.1.MS03 student,29910013", "waiting", "another value than the destination (status)")
	e.on("2026-09-09")
	cfg := e.load()
	e.apply(cfg, e.plan(cfg))
	e.because("temporary desynchronisation, over", "sync.students", "AN-10A student,29910003", "in_step")
	e.because("archived course", "sync.courses", "LPH103", "archived", "Archived on 2026-09-09 03:31 CEST by plan ", "since the source lacks it")
	e.because("enrolment in an archived course", "sync.students", "LPH103 student,29910009", "archived", "Archived on 2026-09-09")
	e.because("suspended element", "sync.students", "M.1.MS03 student,29910013", "in_step")
	e.because("pseudo-group that a real group replaced", "sync.groups", "ELP_RCAED334_CM", "deleted", "Deleted on 2026-09-09 03:31 CEST by plan ")

	// Deleted by accident, and back.
	e.on("2026-09-10")
	e.change(e.refer, "nights/3-back.sql")
	e.because("deleted by accident", "sync.courses", "LPH103", "waiting", "The source has it again; it is archived on 2026-09-09", "it will be undeleted")
	cfg = e.load()
	e.apply(cfg, e.plan(cfg))
	e.because("deleted by accident, and back", "sync.courses", "LPH103", "in_step", "It came back: plan ")

	// The code changed: told apart from a course that is gone, and, with moved blocks, kept.
	e.on("2026-09-11")
	e.change(e.refer, "nights/4-renamed.sql")
	e.because("code changed", "sync.courses", "AN-10A", "waiting", "it will be archived", "The code may have changed at the source")
	e.because("new code", "sync.courses", "AN-10B", "waiting", "it will be inserted", "The code may have changed at the source")
	e.must(os.WriteFile(filepath.Join(e.dir, "renamed.hcl"), []byte(readFile(t, filepath.Join(e.dir, "nights", "4-renamed.hcl"))), 0o600))
	e.because("code changed, with a moved block", "sync.courses", "AN-10A", "waiting", "A moved block gives the row another key.", "it will be renamed")
	cfg = e.load()
	e.apply(cfg, e.plan(cfg))
	e.because("old code", "sync.courses", "AN-10A", "renamed", "The row has another key now: plan ")
	e.because("new code, with a moved block", "sync.courses", "AN-10B", "in_step", "Its key changed: plan ")

	// On Sunday morning the platform's database is optimised.
	e.on("2026-09-13")
	e.now = time.Date(2026, 9, 13, 8, 0, 0, 0, time.UTC)
	e.source("UPDATE compte SET mail = 'alix@etu.univ-exemple.fr' WHERE uid = '29910001'")
	e.because("maintenance on Sunday", "sync.accounts", "29910001", "waiting", `No run may start now: exception "weekly optimisation", sun 09:00-11:00.`, "2026-09-14 03:30 CEST")

	// Last year ends with September.
	e.on("2026-10-01")
	e.because("teacher of last year", "sync.teachers", "LPH103 teacher,sorel", "waiting", "The source lacks it.", "it will be archived")
}

// source changes the source.
func (e *ecampus) source(statement string) {
	e.Helper()
	_, err := e.refer.ExecContext(e.Context(), statement)
	e.must(err)
}

// The published table of remote status, row by row: why a student is not enrolled, or not in the group.
func TestEcampusRemoteStatusExplained(t *testing.T) {
	t.Parallel()
	e := ecampusOnSQLite(t)
	e.on("2026-09-08")
	e.init(e.load())
	e.night(ecampusFirst)
	file, err := os.Open(filepath.Join(e.dir, "data", "remote_status.csv"))
	e.must(err)
	defer file.Close()
	table := csv.NewReader(file)
	table.Comma = ';'
	published, err := table.ReadAll()
	e.must(err)
	source := world{TB: e.TB, destination: e.refer}
	for _, row := range published[1:] {
		situation, enrolled, grouped, student := row[0], row[7] == "0", row[8] == "0", row[9]
		found := source.rows(`SELECT ip.cod_elp, ag.cod_gpe FROM individu i JOIN ind_contrat_elp ip USING (cod_ind) LEFT JOIN ind_affecte_gpe ag USING (cod_ind) WHERE i.cod_etu = '` + student + "'")
		course, group, _ := strings.Cut(found[0], "|")
		says := map[bool]string{false: "says: situation " + situation + ":"}
		want := func(yes bool) string {
			if yes {
				return "in_step"
			}
			return "not_in_source"
		}
		e.because("remote status "+situation, "sync.students", course+" student,"+student, want(enrolled), says[enrolled])
		if group == "∅" {
			group = "ELP_" + course + "_CM"
		}
		e.because("group of remote status "+situation, "sync.members", group+","+student, want(grouped), says[grouped])
	}
}

// Somebody edits a course's code on the platform: its link is cut, and nothing is done until it is put right.
func TestEcampusEditedCodeExplained(t *testing.T) {
	t.Parallel()
	e := ecampusOnSQLite(t)
	e.on("2026-09-08")
	e.init(e.load())
	e.night(ecampusFirst)
	e.exec("UPDATE course SET idnumber = 'M.1A561-S1' WHERE idnumber = 'M.1A561'")
	e.on("2026-09-09")
	const somebody = `check.idnumber_edited says: somebody edited the code of "M.1A561-Dramaturgie et mise en scène".`
	e.because("idnumber modified, by its code", "sync.courses", "M.1A561", "held", "It is to be inserted, but sync.courses is held: check.idnumber_edited found 1.", somebody)
	e.because("idnumber modified, by what it is now", "sync.courses", "M.1A561-S1", "held", "It is to be archived", somebody)
}

// Nothing is left of an explanation: no plan, no operation, no finding, no staging table.
func TestExplainLeavesNothing(t *testing.T) {
	onBoth(t, func(e *ecampus) {
		e.night(ecampusFirst)
		e.now = e.now.Add(time.Hour)
		state := func() []string {
			prefix, stages := "registrar_", "SELECT count(*) FROM sqlite_master WHERE name LIKE '%stage%'"
			if e.findings == "registrar.finding" {
				prefix, stages = "registrar.", "SELECT count(*) FROM pg_class WHERE relname LIKE 'stage\\_%'"
			}
			var all []string
			for _, table := range []string{"plan", "operation", "finding", "execution", "disclosure", "run"} {
				all = append(all, e.rows("SELECT count(*) FROM "+prefix+table)...)
			}
			return append(all, e.rows(stages)...)
		}
		e.source("DELETE FROM element_pedagogi WHERE cod_elp = 'LPH103'")
		before := state()
		e.because("gone", "sync.courses", "LPH103", "waiting", "it will be archived")
		e.because("its enrolment", "sync.students", "LPH103 student,29910009", "waiting", "it will be archived")
		e.because("no group", "sync.students", "AN-10A student,29910003", "not_in_source", "check.no_group")
		e.source("DROP TABLE compte")
		e.because("source broken", "sync.accounts", "29910001", "cannot_tell", "source.sqlite.refer", "The row is there.")
		if after := state(); !slices.Equal(before, after) {
			t.Errorf("the register and the stages were %v, and are %v", before, after)
		}
	})
}
