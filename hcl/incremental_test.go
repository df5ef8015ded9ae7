package hcl

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/registrar-sync/registrar/config"
)

func TestIncrementalBlock(t *testing.T) {
	minute := 10 * time.Minute
	for text, want := range map[string]*config.Incremental{
		"": nil,
		"incremental {\n watermark = row.updated_at\n}": {
			Watermark: config.ColumnRef{Name: "updated_at"}, FullEvery: 24 * time.Hour,
		},
		"incremental {\n watermark = row[\"Changed\"]\n full_every = \"7d\"\n overlap = \"${5 + 5}m\"\n}": {
			Watermark: config.ColumnRef{Name: "Changed", Exact: true}, FullEvery: 7 * 24 * time.Hour, Overlap: &minute,
		},
		"incremental {\n fingerprints = 512 * 2\n}": {Fingerprints: 1024},
		"incremental {\n watermark = row.updated_at\n full_every = null\n overlap = null\n}": {
			Watermark: config.ColumnRef{Name: "updated_at"}, FullEvery: 24 * time.Hour,
		},
	} {
		dir := directory(t, "main.hcl", `
source "sqlite" "apogee" { path = "apogee.db" }
destination "sqlite" "timetable" { path = "timetable.db" }
sync "rooms" {
  source {
    from  = source.sqlite.apogee
    table = "x"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "a"
    key        = ["code"]
    owns_table = true
  }
  columns { code = row.code }
`+text+"\n}\n")
		got := mustLoad(t, dir, testOptions()).Syncs[0].Incremental
		if diff := cmp.Diff(want, got, cmpopts.IgnoreTypes(config.Range{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}
