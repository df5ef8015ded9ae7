package config_test

import (
	"testing"

	"github.com/registrar-sync/registrar/config"
)

func TestTargeted(t *testing.T) {
	for _, c := range []struct {
		target, address string
		want            bool
	}{
		{"sync.rooms", "sync.rooms", true},
		{"sync.rooms", `sync.rooms["hss"]`, true},
		{`sync.rooms["hss"]`, `sync.rooms["hss"]`, true},
		{`sync.rooms["hss"]`, `sync.rooms["law"]`, false},
		{`sync.rooms["hss"]`, "sync.rooms", false},
		{"sync.room", "sync.rooms", false},
		{"sync.rooms", "module.celcat.sync.rooms", false},
		{"module.celcat", `module.celcat["hss"].sync.rooms["a"]`, true},
		{`module.celcat["hss"]`, `module.celcat["hss"].sync.rooms`, true},
		{`module.celcat["law"]`, `module.celcat["hss"].sync.rooms`, false},
		{"module.celcat.sync.rooms", `module.celcat["hss"].sync.rooms["a"]`, true},
		{`module.celcat.sync.rooms["a"]`, `module.celcat["hss"].sync.rooms["a"]`, true},
		{`module.celcat.sync.rooms["b"]`, `module.celcat["hss"].sync.rooms["a"]`, false},
		{"module.celcat.module.parts", "module.celcat.module.parts.sync.a", true},
		{"module.celcat.sync.parts", "module.celcat.module.parts.sync.a", false},
		{`sync.rooms["a.b\"]["]`, `sync.rooms["a.b\"]["]`, true},
		{`sync.rooms["a`, `sync.rooms["a.b"]`, false},
		{"sync", "sync.rooms", false},
		{"sync.", "sync.rooms", false},
		{"sync.rooms.", "sync.rooms", false},
		{"sync.rooms.x", "sync.rooms", false},
		{"module.celcat.", "module.celcat.sync.rooms", false},
		{"rooms", "sync.rooms", false},
		{"", "sync.rooms", false},
	} {
		if got := (&config.Sync{Address: c.address}).Targeted(c.target); got != c.want {
			t.Errorf("%s targets %s: %t, want %t", c.target, c.address, got, c.want)
		}
	}
}
