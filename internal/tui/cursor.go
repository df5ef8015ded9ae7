package tui

// cursor is the selected row of a list and the first one on the screen, counted from 0.
type cursor struct {
	at, top, count int64
}

// move selects a row, the nearest where there is no such.
func (c *cursor) move(to int64) { c.at = max(0, min(to, c.count-1)) }

// show scrolls so that the selected row is on a screen of so many rows.
func (c *cursor) show(height int) {
	h := int64(max(height, 1))
	if c.at < c.top {
		c.top = c.at
	}
	if c.at >= c.top+h {
		c.top = c.at - h + 1
	}
	c.top = max(0, min(c.top, c.count-h))
}

// step moves as a key says; false where the key does not move.
func (c *cursor) step(key string, height int) bool {
	page := int64(max(height-1, 1))
	switch key {
	case "up", "k", "ctrl+p":
		c.move(c.at - 1)
	case "down", "j", "ctrl+n":
		c.move(c.at + 1)
	case "pgup", "b", "ctrl+b", "ctrl+u":
		c.move(c.at - page)
	case "pgdown", "ctrl+f", "ctrl+d":
		c.move(c.at + page)
	case "home", "g":
		c.move(0)
	case "end", "G":
		c.move(c.count - 1)
	default:
		return false
	}
	return true
}

// scroll is step for a text without a selected line.
func (c *cursor) scroll(key string, height int) {
	c.at = c.top
	if c.step(key, height) {
		c.top = max(0, min(c.at, c.count-int64(height)))
	}
}
