package config

import (
	"slices"
	"strconv"
	"strings"
)

// Targeted reports whether target names the sync: by its address, or by that of a
// block or module that it is an instance of or lies in. Keys may be left out:
// module.celcat.sync.rooms means module.celcat["hss"].sync.rooms["a"] too, and
// sync.rooms is never a sync of a module.
func (s *Sync) Targeted(target string) bool {
	wanted, ok := addressSteps(target)
	have, _ := addressSteps(s.Address)
	if !ok || len(wanted) > len(have) {
		return false
	}
	for i, step := range wanted {
		if have[i].name != step.name || len(step.key) > 0 && !slices.Equal(have[i].key, step.key) {
			return false
		}
	}
	return true
}

// addressStep is a part of an address, such as sync.rooms["hss"].
type addressStep struct {
	name string
	key  []string // at most one
}

// addressSteps takes an address apart; false if it is none.
func addressSteps(address string) ([]addressStep, bool) {
	var out []addressStep
	for {
		kind, rest, _ := strings.Cut(address, ".")
		if kind != "module" && kind != "sync" {
			return nil, false
		}
		end := strings.IndexAny(rest, ".[")
		if end < 0 {
			end = len(rest)
		}
		if end == 0 {
			return nil, false
		}
		step := addressStep{name: kind + "." + rest[:end]}
		rest = rest[end:]
		if after, bracket := strings.CutPrefix(rest, "["); bracket {
			quoted, err := strconv.QuotedPrefix(after)
			if err != nil {
				return nil, false
			}
			key, err := strconv.Unquote(quoted)
			if err != nil || !strings.HasPrefix(after[len(quoted):], "]") {
				return nil, false
			}
			step.key = []string{key}
			rest = after[len(quoted)+1:]
		}
		out = append(out, step)
		if rest == "" {
			return out, true
		}
		var more bool
		if address, more = strings.CutPrefix(rest, "."); !more || kind == "sync" {
			return nil, false
		}
	}
}
