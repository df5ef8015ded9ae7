package schedule

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"
)

// Jitter is how much later than its start a slot's run begins, at least 0 and less than the schedule's
// jitter: the same on every replica.
func (c *Calendar) Jitter(slot time.Time) time.Duration {
	if c.jitter <= 0 {
		return 0
	}
	// The schedule's name is in it, so that schedules of one time do not all start at once.
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", c.address, slot.Unix()))
	return time.Duration(binary.BigEndian.Uint64(sum[:]) % uint64(c.jitter))
}
