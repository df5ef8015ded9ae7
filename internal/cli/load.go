package cli

import (
	"context"
	"fmt"
	"runtime/metrics"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/hcl"
)

// What compiling a configuration under review may take.
const (
	maxLoading       = time.Minute
	maxLoadingOctets = 1 << 30 // of the heap, above what it had
	// loadingWatched is how often that is looked at.
	loadingWatched = 10 * time.Millisecond
)

// compiled is a configuration with what is to be said of it.
type compiled struct {
	config *config.Config
	diags  config.Diagnostics
}

// compileIn compiles the configuration in a folder. One under review is a stranger's, and so is what lies in an earlier commit:
// these are watched, since what they make the program compute is theirs to say.
//
// Where it takes too much, or the command is interrupted, what compiles is left behind: HCL's evaluator cannot be stopped. The
// error must end the command, and so the process, which is what stops it.
func (a *app) compileIn(dir string, options hcl.Options, watched bool) (*config.Config, config.Diagnostics, error) {
	if !watched {
		cfg, diags := hcl.Load(dir, options)
		return cfg, diags, nil
	}
	limit := config.Limits{PlanTimeout: maxLoading}
	if a.rules != nil {
		limit = limit.Tighter(a.rules.Limits)
	}
	done := make(chan compiled, 1)
	before := heapInUse()
	go func() {
		cfg, diags := hcl.Load(dir, options)
		done <- compiled{cfg, diags}
	}()
	late := time.NewTimer(limit.PlanTimeout)
	defer late.Stop()
	look := time.NewTicker(loadingWatched)
	defer look.Stop()
	for {
		select {
		case result := <-done:
			return result.config, result.diags, nil
		case <-a.interrupted:
			return nil, nil, context.Canceled
		case <-late.C:
			return nil, nil, fmt.Errorf("the configuration takes longer than %s to compile\nOne under review may take a minute, or the plan_timeout of the operator's policy if that is shorter.", limit.PlanTimeout) //nolint:revive,staticcheck // the box's headline and prose
		case <-look.C:
			if heapInUse() > before+maxLoadingOctets {
				return nil, nil, fmt.Errorf("the configuration takes more than %d MiB of memory to compile\nThat is the limit for one under review.", maxLoadingOctets>>20) //nolint:revive,staticcheck // the box's headline and prose
			}
		}
	}
}

// heapInUse returns the octets of the objects on the heap.
func heapInUse() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
