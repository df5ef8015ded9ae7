package tui

import (
	"unicode/utf8"
)

// Key is a key that was pressed: its name, such as "up", "enter" or "ctrl+c"; or, of one that types something, that character.
type Key struct {
	Name string
	Rune rune // 0 where the key types nothing
}

// decoder makes keys of what a terminal sends. A sequence may come in pieces.
type decoder struct {
	pending []byte
}

// maxSequence bounds an escape sequence, in octets: what is longer is none.
const maxSequence = 32

// feed returns the keys that are complete.
func (d *decoder) feed(input []byte) []Key {
	d.pending = append(d.pending, input...)
	var keys []Key
	for len(d.pending) > 0 {
		key, size := next(d.pending)
		if size == 0 {
			break
		}
		d.pending = d.pending[size:]
		if key != (Key{}) {
			keys = append(keys, key)
		}
	}
	return keys
}

// flush returns what the rest means if nothing more comes: a key Esc that was pressed alone.
func (d *decoder) flush() []Key {
	rest := d.pending
	d.pending = nil
	if len(rest) == 0 || rest[0] != esc {
		return nil
	}
	return append([]Key{{Name: "esc"}}, d.feed(rest[1:])...)
}

const esc = 0x1b

// next returns the first key and the octets that it takes; 0 where there is more to come. The key is empty where it is none that
// anything is done for.
func next(b []byte) (Key, int) {
	switch c := b[0]; {
	case c == esc:
		return sequence(b)
	case c < ' ' || c == 0x7f:
		return control(c), 1
	case !utf8.FullRune(b):
		return Key{}, 0
	}
	r, size := utf8.DecodeRune(b)
	if r == utf8.RuneError {
		return Key{}, size
	}
	return Key{Name: string(r), Rune: r}, size
}

func control(c byte) Key {
	switch c {
	case '\r', '\n':
		return Key{Name: "enter"}
	case '\t':
		return Key{Name: "tab"}
	case 0x7f, 0x08:
		return Key{Name: "backspace"}
	case 0:
		return Key{}
	}
	if c <= 26 {
		return Key{Name: "ctrl+" + string(rune('a'+c-1))}
	}
	return Key{}
}

// sequence reads what begins with Esc.
func sequence(b []byte) (Key, int) {
	if len(b) == 1 {
		return Key{}, 0
	}
	switch b[1] {
	case '[':
		for i := 2; i < len(b); i++ {
			switch {
			case b[i] >= 0x40 && b[i] <= 0x7e:
				return Key{Name: named(string(b[2:i]), b[i])}, i + 1
			case b[i] < 0x20 || i >= maxSequence:
				return Key{Name: "esc"}, 1
			}
		}
		return Key{}, 0
	case 'O':
		if len(b) == 2 {
			return Key{}, 0
		}
		return Key{Name: named("", b[2])}, 3
	}
	return Key{Name: "esc"}, 1
}

// named is the key of a sequence, "" for one that is not known.
func named(parameters string, final byte) string {
	switch final {
	case 'A':
		return "up"
	case 'B':
		return "down"
	case 'C':
		return "right"
	case 'D':
		return "left"
	case 'H':
		return "home"
	case 'F':
		return "end"
	case 'M':
		return "enter"
	case 'Z':
		return "shift+tab"
	case '~':
		switch parameters {
		case "1", "7":
			return "home"
		case "4", "8":
			return "end"
		case "5":
			return "pgup"
		case "6":
			return "pgdown"
		}
	}
	return ""
}
