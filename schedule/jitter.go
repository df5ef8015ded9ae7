package schedule

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"
)

// Jitter is how much later than its start a slot's run would begin, at least 0 and less than the schedule's
// jitter: the same on every replica. Begins is the time that comes of it.
func (c *Calendar) Jitter(slot time.Time) time.Duration {
	if c.jitter <= 0 {
		return 0
	}
	// The schedule's name is in it, so that schedules of one time do not all start at once.
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", c.address, slot.Unix()))
	return time.Duration(binary.BigEndian.Uint64(sum[:]) % uint64(c.jitter))
}

// Begins is when the run of an entry begins, the same whoever starts it: at its Start or, by jitter, later, but never
// outside of the windows nor as late as the next slot. Zero where it never starts.
func (c *Calendar) Begins(e Entry) time.Time {
	if e.Start.IsZero() {
		return time.Time{}
	}
	jitter := c.Jitter(e.Slot)
	if jitter == 0 {
		return e.Start
	}
	r := c.reader()
	next, found := r.nextSlot(r.cursor(e.Slot), e.Start.Add(jitter))
	for found && !e.Start.Add(jitter).Before(next) || jitter > 0 && r.closed(e.Start.Add(jitter), everything) != nil {
		jitter /= 2
	}
	return e.Start.Add(jitter)
}
