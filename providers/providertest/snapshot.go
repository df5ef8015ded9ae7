package providertest

import (
	"fmt"
	"testing"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// exerciseSnapshot: the reads of a snapshot agree with one another whatever is
// committed between them, and the next snapshot sees it.
func (h *Harness) exerciseSnapshot(t *testing.T) {
	if !h.Capabilities.Snapshot {
		t.Skip("the provider declares no snapshots")
	}
	db := h.open(t)
	db.needSQL(t)
	db.seed(t, "room", []string{"code"}, [][]value.Value{{value.OfText("a")}})
	db.seed(t, "site", []string{"code"}, [][]value.Value{{value.OfText("s")}})
	source := db.source(t)
	first, err := source.Snapshot(newContext(t))
	if err != nil {
		t.Fatalf("snapshot: %v", err)
	}
	// Before the first read, so that the snapshot cannot begin with it.
	db.Exec(t, fmt.Sprintf("INSERT INTO %s VALUES ('b')", db.quote(t, "room")))
	if _, all := read(t, first, providers.Query{Table: "room"}); len(all) != 1 {
		t.Errorf("the snapshot sees %d rows of 1", len(all))
	}
	db.Exec(t, fmt.Sprintf("INSERT INTO %s VALUES ('t')", db.quote(t, "site")))
	if _, all := read(t, first, providers.Query{Table: "site"}); len(all) != 1 {
		t.Errorf("the snapshot sees %d sites of 1", len(all))
	}
	if err := first.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
	second, err := source.Snapshot(newContext(t))
	if err != nil {
		t.Fatalf("second snapshot: %v", err)
	}
	defer second.Close()
	if _, all := read(t, second, providers.Query{Table: "room"}); len(all) != 2 {
		t.Errorf("a new snapshot sees %d rows of 2", len(all))
	}
}
