package view_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

func readInPart() *register.Incremental {
	return &register.Incremental{
		Mode: register.ReadChanged, Column: "updated_at", Since: "2026-08-31 02:00:00Z", Watermark: "2026-09-01 11:59:00Z",
		FullOn: noon.AddDate(0, 0, -1), FullAfter: noon.AddDate(0, 0, 6), FullRows: 413,
	}
}

// incremental is a plan of a sync read in part, of one compared in full, and of one that always is.
func incremental() *plan.Plan {
	p := example()
	d := &p.Destinations[0]
	d.Syncs[0].Incremental, d.Syncs[0].SourceRows = readInPart(), 4
	d.Syncs = append(d.Syncs,
		register.SyncSummary{
			Sync: "sync.staff", Source: "source.csv.rooms", Destination: d.Address, Table: "staff", SourceRows: 50, LiveRows: 50, Rejected: 1,
			Incremental: &register.Incremental{Mode: register.ReadAll, Why: "--full asks for it", Column: "version", FullOn: noon, FullAfter: noon.AddDate(0, 0, 1), LeftUndone: "1 rejected"},
		},
		register.SyncSummary{Sync: "sync.sites", Source: "source.csv.rooms", Destination: d.Address, Table: "site", SourceRows: 5, LiveRows: 5})
	return p
}

func TestIncrementalPlan(t *testing.T) {
	p := incremental()
	render(t, "incremental", showExcerpt(p, view.PlanOptions{}))
	d := &p.Destinations[0]
	d.Excerpt = nil
	d.Syncs[0].Counts, d.Syncs[0].Withheld, d.Syncs[0].Ignored = nil, nil, 0
	d.Syncs[1].Rejected = 0
	render(t, "incremental_nochanges", showExcerpt(p, view.PlanOptions{}))
}

// A partial look is never called a full one, and a masked watermark is not shown.
func TestIncrementalWords(t *testing.T) {
	for _, sensitive := range []bool{false, true} {
		p := incremental()
		i := p.Destinations[0].Syncs[0].Incremental
		if i.Sensitive = sensitive; sensitive {
			i.Since, i.Watermark = "", ""
		}
		for _, s := range []map[config.Operation]int64{nil, {config.Insert: 1}} {
			p.Destinations[0].Syncs[0].Counts = s
			var text, document bytes.Buffer
			if err := view.New(&text, view.Options{}).Plan(p, view.Excerpt(p), view.PlanOptions{}); err != nil {
				t.Fatal(err)
			}
			if err := view.New(&document, view.Options{}).PlanJSON(p, view.Excerpt(p), view.JSONOptions{}); err != nil {
				t.Fatal(err)
			}
			since, member := "since 2026-08-31 02:00:00Z", `"since":"2026-08-31 02:00:00Z","watermark":"2026-09-01 11:59:00Z"`
			if sensitive {
				since, member = "since (sensitive)", `"since":null,"watermark":null`
			}
			if !strings.Contains(text.String(), "incremental: records changed "+since) || strings.Contains(text.String(), "match their sources") {
				t.Errorf("the text says:\n%s", text.String())
			}
			if !strings.Contains(document.String(), `"incremental":{"mode":"partial","column":"updated_at",`+member) {
				t.Errorf("the JSON says:\n%s", document.String())
			}
		}
	}
}

// What was compared by fingerprints is compared in full, and the plan says how.
func TestFingerprintWords(t *testing.T) {
	for _, c := range []struct {
		prints         register.Fingerprints
		text, document string
	}{
		{
			register.Fingerprints{Mode: register.ReadDiffering, Buckets: 1024, Differ: 3, Read: 2930},
			": compared by fingerprints: 3 of 1,024 buckets differ; 2,930 of 1,000,000 records were read\n",
			`"fingerprints":{"mode":"fingerprints","buckets":1024,"differ":3,"read":2930}`,
		},
		{
			register.Fingerprints{Mode: register.ReadDiffering, Buckets: 65536, Differ: 1, Read: 15},
			"1 of 65,536 buckets differs; 15 of 1,000,000 records were read\n", `"differ":1,"read":15}`,
		},
		{
			register.Fingerprints{Mode: register.ReadAll, Why: "--full asks for it", Buckets: 1024},
			": full comparison, because --full asks for it\n",
			`"fingerprints":{"mode":"full","reason":"--full asks for it","buckets":1024,"differ":0,"read":0}`,
		},
	} {
		p := example()
		s := &p.Destinations[0].Syncs[0]
		s.Fingerprints, s.SourceRows = &c.prints, 1_000_000
		var text, document bytes.Buffer
		if err := view.New(&text, view.Options{}).Plan(p, view.Excerpt(p), view.PlanOptions{}); err != nil {
			t.Fatal(err)
		}
		if err := view.New(&document, view.Options{}).PlanJSON(p, view.Excerpt(p), view.JSONOptions{}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(text.String(), c.text) || strings.Contains(text.String(), "read in part") {
			t.Errorf("want %q in\n%s", c.text, text.String())
		}
		if !strings.Contains(document.String(), c.document) {
			t.Errorf("want %s in\n%s", c.document, document.String())
		}
	}
}
