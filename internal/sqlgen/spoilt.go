package sqlgen

// Spoilt says why an operation cannot be undone.
type Spoilt int

// The reasons. Of each operation that cannot be undone one holds, besides SpoiltAnyhow.
const (
	SpoiltAnyhow    Spoilt = iota
	SpoiltPurged           // nothing undoes what it did
	SpoiltRedacted         // its documents are not what they were
	SpoiltTaken            // a row is in the way of the one that it deleted
	SpoiltProtected        // its row is as it left it, and protected
	SpoiltChanged          // its row is not as it left it
)

// spoilt is the condition that operation x is asked for, and cannot be undone, nor has been.
func (c *composer) spoilt(u *Undo, leaving []Planned) string {
	if len(u.Key) == 0 || Undoes(u.Batch.Operation) == "" {
		return c.asked(u)
	}
	can := c.free(u, leaving)
	if u.Batch.Operation != opDelete {
		can = "EXISTS (SELECT 1 FROM " + u.Whole.Table.Name + " t WHERE " + c.asLeft(u) + ")"
	}
	// As a value: NULL is no yes.
	return and(c.asked(u), "CASE WHEN "+and(c.sound(u), or(can, c.already(u)))+" THEN 0 ELSE 1 END = 1")
}

// spoiltBy is spoilt for a reason.
func (c *composer) spoiltBy(u *Undo, why Spoilt, leaving []Planned) string {
	const never = "1 = 0"
	spoilt := c.spoilt(u, leaving)
	undo := Undoes(u.Batch.Operation)
	switch {
	case why == SpoiltAnyhow, why == SpoiltPurged && undo == "":
		return spoilt
	case why == SpoiltPurged, undo == "":
		return never
	case len(u.Key) == 0:
		if why == SpoiltRedacted {
			return spoilt
		}
		return never
	case why == SpoiltRedacted:
		return and(spoilt, "CASE WHEN "+c.sound(u)+" THEN 0 ELSE 1 END = 1")
	case (why == SpoiltTaken) != (undo == opInsert), why == SpoiltProtected && u.Whole.Protect == nil:
		return never
	}
	sound := and(spoilt, c.sound(u))
	there := "EXISTS (SELECT 1 FROM " + u.Whole.Table.Name + " t WHERE " + c.untouched(u) + ")"
	switch {
	case why == SpoiltProtected:
		return and(sound, there)
	case why == SpoiltChanged && u.Whole.Protect != nil:
		return and(sound, "NOT "+there)
	default:
		return sound
	}
}
