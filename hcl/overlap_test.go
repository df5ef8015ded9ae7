package hcl

import (
	"strings"
	"testing"
)

// The column at fault may stand far from the line of the error.
func TestOverlapNamesTheColumn(t *testing.T) {
	text := syncText("room", `{ origin = "A" }`, "name = row.name", `lifecycle { stamps = { updated_on = "update" } }`) +
		strings.Replace(syncText("room", `{ origin = "A" }`, "seats = row.seats", `lifecycle {
    stamps     = { updated_on = "update" }
    operations = ["update"]
  }`), `sync "room"`, `sync "seats"`, 1)
	failing(t, directory(t, "main.hcl", common+text), testOptions(), "Overlapping syncs", "sync.room", "sync.seats", `both use the column "updated_on"`)
}
