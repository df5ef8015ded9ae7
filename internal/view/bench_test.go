package view

import (
	"fmt"
	"io"
	"testing"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// BenchmarkDiff renders the operations of a plan, as text and as JSON, and masks them before, as show
// does.
func BenchmarkDiff(b *testing.B) {
	const n = 10_000
	p := &plan.Plan{Destinations: []plan.Destination{{Syncs: []register.SyncSummary{{Sync: "sync.people", Table: "person", Counts: map[config.Operation]int64{config.Update: n}}}}}}
	document := func(version string) register.Document {
		var doc register.Document
		for i, column := range []string{"name", "mail", "room", "phone", "born", "fee", "remark"} {
			text := "what stands in " + column
			if i < 3 {
				text += version
			}
			doc = append(doc, register.Field{Column: column, Text: text})
		}
		return doc
	}
	changes := Changes(func(_ *register.SyncSummary, visit func(*plan.Change) error) error {
		for i := range n {
			o := &register.Operation{
				Sync: "sync.people", Table: "person", Operation: config.Update, Key: register.Document{{Column: "code", Text: fmt.Sprint("P", i)}},
				Before: document(" now"), After: document(" then"),
			}
			change := plan.Mask(o, plan.Masking{Sensitive: []string{"fee"}})
			if err := visit(&change); err != nil {
				return err
			}
		}
		return nil
	})
	report := func(b *testing.B) {
		b.Helper()
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/operation")
	}
	for name, o := range map[string]Options{"text": {}, "cut and coloured": {Width: 100, Colour: true}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := New(io.Discard, o).Plan(p, changes, PlanOptions{}); err != nil {
					b.Fatal(err)
				}
			}
			report(b)
		})
	}
	b.Run("json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := New(io.Discard, Options{}).PlanJSON(p, changes, JSONOptions{Whole: true}); err != nil {
				b.Fatal(err)
			}
		}
		report(b)
	})
}
