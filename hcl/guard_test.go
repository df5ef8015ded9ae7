package hcl

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/registrar-sync/registrar/config"
)

// guardOf loads one sync with the given guard block, and one faculty and registrar
// block with theirs, and returns the sync's guard without ranges.
func guardOf(t *testing.T, registrar, faculty, sync string) config.Guard {
	t.Helper()
	text := common + "registrar {\n" + registrar + "\n}\nfaculty \"hss\" {\n" + faculty + "\n}\n" +
		syncText("rooms", `{ origin = "x" }`, "", "faculty = faculty.hss\n"+sync)
	return mustLoad(t, directory(t, "main.hcl", text), testOptions()).Syncs[0].Guard
}

func compareGuards(t *testing.T, got, want config.Guard) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.IgnoreTypes(config.Range{})); diff != "" {
		t.Errorf("guard (-want +got):\n%s", diff)
	}
}

func TestDefaultGuard(t *testing.T) {
	compareGuards(t, guardOf(t, "", "", ""), config.Guard{
		MinSourceRows: 1,
		MaxDelete:     &config.Limit{Percent: 30, Least: 10},
		MaxReject:     &config.Limit{Percent: 5},
		OnBreach:      config.Hold,
	})
}

func TestGuardOfEverything(t *testing.T) {
	got := guardOf(t, "", "", `guard {
  min_source_rows  = 0
  min_source_ratio = "80.5%"
  max_insert       = 1
  max_update       = "2%"
  max_delete       = 3
  max_undelete     = " 4 % "
  max_purge        = 5
  max_reject       = "100%"
  on_breach        = "hold_deletes"
}`)
	compareGuards(t, got, config.Guard{
		MinSourceRatio: 80.5,
		MaxInsert:      &config.Limit{Count: 1},
		MaxUpdate:      &config.Limit{Percent: 2},
		MaxDelete:      &config.Limit{Count: 3},
		MaxUndelete:    &config.Limit{Percent: 4},
		MaxPurge:       &config.Limit{Count: 5},
		MaxReject:      &config.Limit{Percent: 100},
		OnBreach:       config.HoldDeletes,
	})
}

// Each argument is the innermost block's that has it.
func TestGuardInheritance(t *testing.T) {
	got := guardOf(
		t,
		`guard {
  min_source_rows = 5
  max_delete      = "20%"
  max_insert      = 100
  max_purge       = 7
  on_breach       = "hold_deletes"
}`,
		`guard {
  min_source_ratio = "80%"
  max_insert       = "50%"
  max_reject       = 3
}`,
		`guard {
  min_source_ratio = "0%"
  max_reject       = null
  max_purge        = 0
}`)
	compareGuards(t, got, config.Guard{
		MinSourceRows: 5,
		MaxInsert:     &config.Limit{Percent: 50},
		MaxDelete:     &config.Limit{Percent: 20},
		MaxPurge:      &config.Limit{},
		MaxReject:     &config.Limit{Count: 3},
		OnBreach:      config.HoldDeletes,
	})
	if at := got.MaxDelete.Range.Start.Line; at != 7 {
		t.Errorf("max_delete is at line %d", at)
	}
}

// A faculty's guard is for its own syncs.
func TestGuardOfAnotherFaculty(t *testing.T) {
	text := common + `
locals { few = { for label, f in faculty : label => 10 } }
faculty "hss" {
  guard { max_delete = local.few["hss"] }
}
faculty "law" {}
` + syncText("a", `{ origin = "a" }`, "", "faculty = faculty.hss") + syncText("b", `{ origin = "b" }`, "", "faculty = faculty.law") + syncText("c", `{ origin = "c" }`, "", "")
	for _, s := range mustLoad(t, directory(t, "main.hcl", text), testOptions()).Syncs {
		if ours := s.Guard.MaxDelete.Count == 10; ours != (s.Name == "a") {
			t.Errorf("%s has max_delete %+v", s.Address, s.Guard.MaxDelete)
		}
	}
}

func TestPercentForgotten(t *testing.T) {
	text := common + syncText("rooms", `{ origin = "x" }`, "", `guard { max_delete = "5" }`)
	failing(t, directory(t, "main.hcl", text), testOptions(), "main.hcl:", `"max_delete" is "5"`, "write 5 for a count of rows", `"5%" for a share`)
}
