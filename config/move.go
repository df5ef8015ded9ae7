package config

import "github.com/registrar-sync/registrar/internal/value"

// Move says that a record's key changed at the source: its row is re-keyed. Of a chain
// a → b → c each step leads to the end: a → c and b → c.
type Move struct {
	From, To []value.Value // in the order of SyncDestination.Key
	Range    Range
}
