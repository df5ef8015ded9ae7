package hcl

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/config"
)

const movable = common + `
locals { old = "AN-10A" }
sync "seats" {
  for_each = toset(["east", "west"])
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "seat"
    key   = ["room", "number"]
    scope = { origin = each.key }
  }
  columns {
    number = row.number
    room   = row.room
  }
}
sync "rooms" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "room"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.COD }
}
`

// moves are a sync's moves as text.
func moves(s *config.Sync) []string {
	var out []string
	for _, m := range s.Moved {
		var b strings.Builder
		for _, v := range m.From {
			b.WriteString(v.Kind().String() + " " + v.Text() + ", ")
		}
		b.WriteString("->")
		for _, v := range m.To {
			b.WriteString(" " + v.Text())
		}
		out = append(out, b.String())
	}
	return out
}

func TestMoved(t *testing.T) {
	c := mustLoad(t, directory(t, "main.hcl", movable+`
moved {
  sync = sync.rooms
  from = local.old
  to   = "AN-10B"
}
moved {
  sync = sync.rooms
  from = 7
  to   = { code = 8 }
}
moved {
  sync = sync.seats["west"]
  from = { number = 1, room = "A" }
  to   = { number = 2, room = "B" }
}
moved {
  sync = sync.seats
  from = tomap({ number = "3", room = "C" })
  to   = { number = 4, room = "D" }
}
`), testOptions())
	for address, want := range map[string][]string{
		`sync.rooms`:         {"text AN-10A, -> AN-10B", "integer 7, -> 8"},
		`sync.seats["east"]`: {"text C, text 3, -> D 4"},
		`sync.seats["west"]`: {"text A, integer 1, -> B 2", "text C, text 3, -> D 4"},
	} {
		if diff := cmp.Diff(want, moves(find(t, c, address))); diff != "" {
			t.Errorf("moves of %s (-want +got):\n%s", address, diff)
		}
	}
	if at := find(t, c, "sync.rooms").Moved[0].Range.Start.Line; !strings.HasPrefix(strings.Split(string(c.Files["main.hcl"]), "\n")[at-1], "moved {") {
		t.Errorf("the first move is at line %d", at)
	}
}

// The blocks of a chain may stand in any order, and for some of a sync's instances only.
func TestMovedChain(t *testing.T) {
	c := mustLoad(t, directory(t, "main.hcl", movable+`
moved {
  sync = sync.seats["west"]
  from = { room = "B", number = 1 }
  to   = { room = "C", number = 1 }
}
moved {
  sync = sync.seats
  from = { room = "A", number = 1 }
  to   = { room = "B", number = "1" }
}
moved {
  sync = sync.seats
  from = { room = "C", number = 1 }
  to   = { room = "D", number = 1 }
}
`), testOptions())
	for address, want := range map[string][]string{
		`sync.seats["east"]`: {"text A, integer 1, -> B 1", "text C, integer 1, -> D 1"},
		`sync.seats["west"]`: {"text B, integer 1, -> D 1", "text A, integer 1, -> D 1", "text C, integer 1, -> D 1"},
	} {
		if diff := cmp.Diff(want, moves(find(t, c, address))); diff != "" {
			t.Errorf("moves of %s (-want +got):\n%s", address, diff)
		}
	}
}

// Messages name both places, and never a key: it may be personal data.
func TestMovedContradictions(t *testing.T) {
	for name, c := range map[string]struct {
		blocks string
		parts  []string
	}{
		"one from":                     {"1 to 2, 1 to 3", []string{"Duplicate moved", "main.hcl:41: error", "main.hcl:36 has"}},
		"one to":                       {"1 to 3, 2 to 3", []string{"Conflicting moved", "main.hcl:41: error", "main.hcl:36 has"}},
		"chain and another to its end": {"1 to 2, 2 to 3, 4 to 3", []string{"Conflicting moved", "main.hcl:46: error", "main.hcl:41 has"}},
		"circle":                       {"9 to 1, 1 to 2, 2 to 3, 3 to 1", []string{"Conflicting moved"}},
		"circle alone":                 {"1 to 2, 3 to 1, 2 to 3", []string{"Cycle of moved blocks", "main.hcl:36 -> main.hcl:46 -> main.hcl:41 -> main.hcl:36"}},
	} {
		t.Run(name, func(t *testing.T) {
			text := movable
			for one := range strings.SplitSeq(c.blocks, ", ") {
				from, to, _ := strings.Cut(one, " to ")
				text += "moved {\n  sync = sync.rooms\n  from = \"person-" + from + "\"\n  to   = \"person-" + to + "\"\n}\n"
			}
			if got := failing(t, directory(t, "main.hcl", text), testOptions(), c.parts...); strings.Contains(got, "person-") {
				t.Errorf("a key is in the message:\n%s", got)
			}
		})
	}
}

// Moves of a module and of the root meet in its syncs.
func TestMovesAndChecksOfModules(t *testing.T) {
	module := `
variable "faculty" { type = faculty }
variable "into" { type = destination }
variable "from" { type = source }
sync "rooms" {
  faculty = var.faculty
  source {
    from  = var.from
    table = "x"
  }
  destination {
    into  = var.into
    table = "room"
    key   = ["code"]
    scope = { origin = var.faculty.label }
  }
  columns { code = row.COD }
}
moved {
  sync = sync.rooms
  from = "a"
  to   = "b"
}
check "names" {
  severity = "error"
  sync     = sync.rooms
  where    = row.code == "x"
  message  = "x of ${var.faculty.label}"
  blocks   = [sync.rooms]
}
`
	root := common + `
registrar {
  guard { max_delete = "20%" }
}
faculty "hss" {
  guard { max_insert = 7 }
}
faculty "law" {}
module "celcat" {
  source   = "./celcat"
  for_each = faculty
  faculty  = each.value
  into     = destination.sqlite.timetable
  from     = source.csv.rooms
}
moved {
  sync = module.celcat["law"].sync.rooms
  from = "b"
  to   = "c"
}
check "all" {
  severity = "error"
  sync     = module.celcat.sync.rooms
  where    = row.code == "y"
  message  = "y"
  blocks   = [module.celcat]
}
`
	c := mustLoad(t, directory(t, "main.hcl", root, "celcat/main.hcl", module), testOptions())
	hss, law := find(t, c, `module.celcat["hss"].sync.rooms`), find(t, c, `module.celcat["law"].sync.rooms`)
	if diff := cmp.Diff([]string{"text a, -> b"}, moves(hss)); diff != "" {
		t.Errorf("moves (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"text b, -> c", "text a, -> c"}, moves(law)); diff != "" {
		t.Errorf("moves (-want +got):\n%s", diff)
	}
	if hss.Guard.MaxDelete.Percent != 20 || hss.Guard.MaxInsert == nil || hss.Guard.MaxInsert.Count != 7 || law.Guard.MaxInsert != nil || law.Guard.MaxDelete.Percent != 20 {
		t.Errorf("guards are %+v and %+v", hss.Guard, law.Guard)
	}
	var checks []string
	for _, k := range c.Checks {
		checks = append(checks, k.Address+" of "+strings.Join(k.Staged, " ")+" blocks "+strings.Join(k.Blocks, " "))
	}
	one, other := hss.Address, law.Address
	want := []string{
		"check.all of " + one + " " + other + " blocks " + one + " " + other,
		`module.celcat["hss"].check.names of ` + one + " blocks " + one,
		`module.celcat["law"].check.names of ` + other + " blocks " + other,
	}
	if diff := cmp.Diff(want, checks); diff != "" {
		t.Errorf("checks (-want +got):\n%s", diff)
	}

	aimless := `
moved {
  sync = module.celcat
  from = "a"
  to   = "d"
}
`
	failing(t, directory(t, "celcat/main.hcl", module, "main.hcl", root+aimless), testOptions(),
		"celcat/main.hcl:19: error: Duplicate moved", "main.hcl:32 has the same from")
	seats := strings.NewReplacer(`"rooms"`, `"seats"`, `"room"`, `"seat"`, "sync.rooms", "sync.seats").Replace(module[strings.Index(module, "sync "):strings.Index(module, "check ")])
	failing(t, directory(t, "celcat/main.hcl", module+seats, "main.hcl", root+aimless), testOptions(), "Invalid sync", "this means several syncs")
}
