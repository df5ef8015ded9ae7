package transfer_test

import (
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/registrar-sync/registrar/transfer"
)

// Neither an export nor a verification holds the rows.
//
//nolint:paralleltest // it measures the memory that the process takes
func TestExportHoldsNoRows(t *testing.T) {
	s := newServer(t)
	const rows = 20_000
	exec(t, s.dest, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO staff (code, name, faculty, note) SELECT printf('Z%06d', i), 'A name', 'hss', '"+
		strings.Repeat("0123456789", 120)+"' || i FROM n")
	o := s.options("hss")
	cfg := s.load()
	runtime.GC()
	before := heap()
	done, stopped := make(chan struct{}), make(chan struct{})
	var most atomic.Uint64
	go func() {
		defer close(stopped)
		for {
			select {
			case <-done:
				return
			default:
				runtime.GC() // what is left is held
				most.Store(max(most.Load(), heap()))
			}
		}
	}()
	r, err := transfer.Export(t.Context(), cfg, o)
	if err == nil {
		_, err = transfer.Verify(t.Context(), filepath.Join(o.Dir, "move.csv"))
	}
	close(done)
	<-stopped
	must(t, err)
	if n := r.Faculties[0].Live + r.Faculties[0].Archived; n < rows {
		t.Fatalf("%d rows were exported", n)
	}
	// The rows are 25 MB of text.
	if held := int64(most.Load()) - int64(before); held > 10<<20 {
		t.Errorf("%d MiB were held for %d rows", held>>20, rows)
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
