package plan

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/register"
)

var enrolments = &result{what: "The query", names: []string{"COD_ETU", "GROUPE", "Nom", "NOM"}}

// find examines rows of enrolments.
func find(t *testing.T, check *config.Check, rows ...[]any) *checkResult {
	t.Helper()
	var diags config.Diagnostics
	e := newExaminer(check, enrolments, &diags)
	for _, i := range e.indexes(&diags, check.Key, "key") {
		e.key = append(e.key, keyPart{name: enrolments.names[i], at: i})
	}
	if check.Where.Bind != nil {
		e.where = enrolments.bind(&diags, &check.Where)
	}
	if diags != nil {
		t.Fatal(diags.Err())
	}
	from, row := &records{columns: enrolments.names, cells: rows}, make([]value.Value, len(enrolments.names))
	for from.Next(row) == nil {
		e.examine(row)
	}
	return &e.result
}

func TestExamine(t *testing.T) {
	check := config.Check{
		From: &config.Connection{}, Address: "check.remote", Name: "remote", Severity: config.CheckError, Code: "w9",
		Message: template("%s: %s, %s", "COD_ETU", "GROUPE", "NOM"), Key: []string{"cod_etu", "GROUPE"},
	}
	check.Message.Refs[2].Exact = true
	key := func(code, group string) register.Document {
		doc := register.Document{{Column: "COD_ETU", Text: code}, {Column: "GROUPE", Text: group}}
		doc[1].Null = group == ""
		return doc
	}
	detail := register.Document{{Column: "severity", Text: "error"}, {Column: "code", Text: "w9"}}
	want := func(message string, key register.Document) register.Finding {
		return register.Finding{Sync: "check.remote", Kind: register.Checked, Message: message, Key: key, Detail: detail}
	}
	got := find(t, &check, []any{"1", "A", "x", "Doe"}, []any{"2", nil, "x", "Roe"})
	if diff := cmp.Diff([]register.Finding{want("1: A, Doe", key("1", "A")), want("2: null, Roe", key("2", ""))}, got.findings); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}

	for name, test := range map[string]struct {
		change func(*config.Check)
		want   register.Finding
	}{
		"sensitive column": {func(c *config.Check) { c.Sensitive = []string{"NOM"} }, want("1: A, (sensitive)", key("1", "A"))},
		"sensitive key":    {func(c *config.Check) { c.Sensitive = []string{"cod_etu"} }, want("(sensitive): A, Doe", key("(sensitive)", "A"))},
		"whatever the case: both": {func(c *config.Check) {
			c.Sensitive = []string{"nom"}
			c.Message = template("%s", "nom")
			c.Message.Refs[0] = config.ColumnRef{Name: "Nom", Exact: true}
		}, want("(sensitive)", key("1", "A"))},
		"all of them": {func(c *config.Check) { c.AllSensitive = true }, want("(sensitive): (sensitive), (sensitive)", key("(sensitive)", "(sensitive)"))},
		"the masked one is a no-go": {func(c *config.Check) {
			c.Sensitive = []string{"COD_ETU"}
			c.Message = expr(func(row []value.Value) (value.Value, error) {
				if row[0].Text() != "1" {
					return value.Value{}, errors.New("not a number")
				}
				return row[0], nil
			}, "COD_ETU")
		}, want("remote", key("(sensitive)", "A"))},
		"the condition is": {func(c *config.Check) {
			c.Where = expr(func([]value.Value) (value.Value, error) { return value.Value{}, errors.New("not a number") })
		}, want("remote: the condition cannot be evaluated: not a number", key("1", "A"))},
	} {
		t.Run(name, func(t *testing.T) {
			changed := check
			test.change(&changed)
			got := find(t, &changed, []any{"1", "A", "x", "Doe"})
			if diff := cmp.Diff([]register.Finding{test.want}, got.findings); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}

	t.Run("condition", func(t *testing.T) {
		// What is masked in the message counts in the condition; NULL is false.
		check := check
		check.Sensitive, check.Where = []string{"GROUPE"}, is("GROUPE", "B")
		got := find(t, &check, []any{"1", "A", "x", "Doe"}, []any{"2", "B", "x", "Doe"}, []any{"3", nil, "x", "Doe"})
		if got.count != 1 || len(got.findings) != 1 || got.findings[0].Message != "2: (sensitive), Doe" {
			t.Errorf("found %+v", got)
		}
	})
	t.Run("bound", func(t *testing.T) {
		rows := make([][]any, maxFindings+5)
		for i := range rows {
			rows[i] = []any{fmt.Sprint(i), "A", "x", "Doe"}
		}
		got := find(t, &check, rows...)
		if got.count != maxFindings+5 || len(got.findings) != maxFindings {
			t.Errorf("%d found, %d kept", got.count, len(got.findings))
		}
	})
	t.Run("unknown columns", func(t *testing.T) {
		changed := check
		changed.Key, changed.Sensitive, changed.Message = []string{"COD_ETUD"}, []string{"MAIL"}, template("%s", "WHO")
		var diags config.Diagnostics
		e := newExaminer(&changed, enrolments, &diags)
		e.indexes(&diags, changed.Key, "key")
		text := fmt.Sprint(diags)
		for _, want := range []string{`no column "WHO"`, `no column "MAIL", named in sensitive`, `no column "COD_ETUD", named in key. Did you mean "COD_ETU"?`} {
			if !strings.Contains(text, want) {
				t.Errorf("the diagnostics lack %q:\n%s", want, text)
			}
		}
	})
}

func TestChecksConcerned(t *testing.T) {
	source, into := &config.Connection{Address: "source.a.b"}, &config.Connection{Address: "destination.a.b"}
	cfg := &config.Config{
		Sources: []*config.Connection{source}, Destinations: []*config.Connection{into},
		Syncs: []*config.Sync{{Address: "sync.a"}, {Address: "sync.b"}},
		Checks: []*config.Check{
			{Address: "source", From: source},
			{Address: "source blocks a", From: source, Blocks: []string{"sync.a"}},
			{Address: "destination blocks b", From: into, Blocks: []string{"sync.b"}},
			{Address: "staged a", Staged: []string{"sync.a"}},
			{Address: "staged b blocks a", Staged: []string{"sync.b"}, Blocks: []string{"sync.a"}},
		},
	}
	for _, test := range []struct {
		works                   []*work
		concerned, source, warn string
	}{
		{[]*work{{sync: cfg.Syncs[0]}, {sync: cfg.Syncs[1]}}, "source, source blocks a, destination blocks b, staged a, staged b blocks a", "source, source blocks a", ""},
		{nil, "", "", ""},
		{[]*work{{sync: cfg.Syncs[0]}}, "source blocks a, staged a", "source blocks a", "staged b blocks a"},
		{[]*work{{sync: cfg.Syncs[1]}}, "destination blocks b, staged b blocks a", "", ""},
	} {
		m := &maker{cfg: cfg, works: test.works}
		addresses := func(checks []*config.Check) string {
			var list []string
			for _, c := range checks {
				list = append(list, c.Address)
			}
			return strings.Join(list, ", ")
		}
		if got := addresses(m.concerned()); got != test.concerned {
			t.Errorf("%d syncs: concerned are %s, want %s", len(test.works), got, test.concerned)
		}
		if got := addresses(m.sourceChecks()); got != test.source {
			t.Errorf("%d syncs: on sources are %s, want %s", len(test.works), got, test.source)
		}
		m.warnUnlooked()
		if got := len(m.diags) > 0; got != (test.warn != "") || got && !strings.HasPrefix(m.diags[0].Detail, test.warn) {
			t.Errorf("%d syncs: warnings %v, want %q", len(test.works), m.diags, test.warn)
		}
	}
}
