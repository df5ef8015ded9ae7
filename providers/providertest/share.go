package providertest

import (
	"fmt"
	"testing"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// exerciseShare: views of a snapshot are read while it is, and see what it sees. What was
// committed meanwhile is in no view, be it that there is none any more.
func (h *Harness) exerciseShare(t *testing.T) {
	db := h.open(t)
	var rows [][]value.Value
	for i := range 3 {
		rows = append(rows, []value.Value{value.OfText(fmt.Sprintf("k%d", i))})
	}
	db.seed(t, "room", []string{"code"}, rows)
	first, err := db.source(t).Snapshot(newContext(t))
	if err != nil {
		t.Fatalf("snapshot: %v", err)
	}
	defer func() {
		if err := first.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}()
	sharer, ok := first.(providers.SnapshotSharer)
	if !ok {
		t.Skip("snapshots of the provider are not shared")
	}
	view, err := sharer.Share(newContext(t))
	if err != nil {
		t.Fatalf("share: %v", err)
	}
	rooms := providers.Query{Table: "room"}
	opened, err := first.Read(newContext(t), rooms)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	var views []providers.Snapshot
	for range 2 {
		another, err := view(newContext(t))
		if err != nil {
			t.Fatalf("view: %v", err)
		}
		views = append(views, another)
	}
	if h.Capabilities.Snapshot {
		db.Exec(t, fmt.Sprintf("INSERT INTO %s VALUES ('late')", db.quote(t, "room")))
		if late, err := view(newContext(t)); err == nil {
			views = append(views, late)
		}
	}
	for i, one := range views {
		if _, all := read(t, one, rooms); len(all) != len(rows) {
			t.Errorf("view %d sees %d rows of %d", i, len(all), len(rows))
		}
		if err := one.Close(); err != nil {
			t.Errorf("close view %d: %v", i, err)
		}
	}
	if err := opened.Next(make([]value.Value, 1)); err != nil {
		t.Errorf("the first snapshot's rows, once its views are closed: %v", err)
	}
	if err := opened.Close(); err != nil {
		t.Errorf("close rows: %v", err)
	}
	if _, all := read(t, first, rooms); len(all) != len(rows) {
		t.Errorf("the first snapshot sees %d rows of %d", len(all), len(rows))
	}
}
