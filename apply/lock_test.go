package apply

import (
	"context"
	"slices"
	"testing"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// described is a destination of which only tables are asked.
type described struct {
	providers.Destination
	dialect sqlgen.Dialect
}

func (d described) Dialect() sqlgen.Dialect { return d.dialect }

func (described) Table(_ context.Context, _ providers.Querier, name string) (*sqlgen.Table, error) {
	return &sqlgen.Table{Name: name}, nil
}

type bareDialect struct{ sqlgen.Dialect }

type overwritingDialect struct{ sqlgen.Dialect }

func (overwritingDialect) LockTable(table string) string { return "LOCK " + table }

func (overwritingDialect) LocksWrites() {}

// TestTablesToLock: those whose key no index enforces, and all where the engine's statements could overwrite what
// others write meanwhile.
func TestTablesToLock(t *testing.T) {
	t.Parallel()
	cfg := &config.Config{}
	part := &plan.Destination{}
	for name, unenforced := range map[string]bool{"a": false, "b": true} {
		sync := &config.Sync{Address: "sync." + name}
		sync.Destination.Table, sync.Destination.UnenforcedKey = name, unenforced
		cfg.Syncs = append(cfg.Syncs, sync)
		part.Syncs = append(part.Syncs, register.SyncSummary{Sync: sync.Address})
	}
	for _, c := range []struct {
		dialect sqlgen.Dialect
		want    []string
	}{{bareDialect{}, []string{"b"}}, {overwritingDialect{}, []string{"a", "b"}}} {
		d := &destination{Destination: described{dialect: c.dialect}, part: part}
		got, err := d.unenforced(t.Context(), cfg)
		slices.Sort(got)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%T: %q, %v", c.dialect, got, err)
		}
	}
}
