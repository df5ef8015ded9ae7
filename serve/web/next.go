package web

import (
	"sync"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/schedule"
)

const (
	// horizon is how far ahead a next run is looked for.
	horizon = 400 * 24 * time.Hour
	// searchAgain is how long it counts that there is none.
	searchAgain = 10 * time.Minute
)

// nextSlots remembers the next run of each schedule: to find that of one which is not active for
// months takes a while, and it does not change before its time.
type nextSlots struct {
	mu     sync.Mutex
	config *config.Config
	known  map[string]nextSlot
}

type nextSlot struct {
	entry    schedule.Entry // the zero Entry for none within the horizon
	from     time.Time
	searched time.Time // how far it counts
}

// of returns the next entry of the schedule that starts, the zero Entry where there is none within the
// horizon.
func (n *nextSlots) of(cfg *config.Config, s *config.Schedule, now time.Time) schedule.Entry {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.config != cfg {
		n.config, n.known = cfg, map[string]nextSlot{}
	}
	if known, found := n.known[s.Address]; found && !now.Before(known.from) && now.Before(known.searched) {
		return known.entry
	}
	found := nextSlot{from: now, searched: now.Add(searchAgain)}
	for entry := range schedule.New(s, &cfg.Settings.Service).Entries(now, now.Add(horizon), false) {
		if !entry.Start.IsZero() && entry.Start.After(now) {
			found.entry, found.searched = entry, entry.Slot
			break
		}
	}
	n.known[s.Address] = found
	return found.entry
}
