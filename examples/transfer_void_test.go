package examples_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// An import that was undone is not confirmed again: with a confirmation the rows would be removed at the origin, too.
func TestTransferUndone(t *testing.T) {
	t.Parallel()
	c := onCampus(t, false)
	c.live()
	manifest := c.export(c.origin, "hss", "hss")
	c.become(manifest, "12", "HUM")
	n := c.target
	n.now = c.origin.now.Add(time.Hour)
	confirmation := filepath.Join(filepath.Dir(manifest), "hss-confirmation.csv")
	out := n.does(0, []string{"transfer", "import", manifest, "--out", "import.plan"})
	n.does(0, []string{"transfer", "import", manifest, "--apply", "import.plan"}, "11 inserted")
	id := n.rows("SELECT plan_id FROM registrar_execution ORDER BY executed_on DESC LIMIT 1")[0]
	again := []string{"transfer", "import", manifest, "--apply", id}
	if err := os.Remove(confirmation); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}

	n.exec("DELETE FROM student WHERE number = '20260001'")
	n.does(1, again, "cannot be confirmed", `table "student" has 3 rows of it, archived ones included, the bundle has 4`, "Destroy the one that was given out")
	n.does(3, []string{"revert", id, "--changed", "skip", "--sync", `sync.students["humanities"]`, "--out", "revert.plan"}, "3 to delete", "confirmations that it gave are void")
	n.exec("INSERT INTO student (number, name, department_id, faculty, created_on) SELECT '20260001', 'Somebody', NULL, 'HUM', '2026-01-01 00:00:00'")
	n.does(0, again, "applied already: nothing was written but the confirmation") // a revert that was only planned
	if err := os.Remove(confirmation); err != nil {
		t.Fatal(err)
	}
	n.does(0, []string{"apply", "revert.plan", "--override", "the wrong server"}, "3 deleted")
	n.exec("INSERT INTO student (number, name, department_id, faculty, created_on) SELECT 'N' || code, 'Somebody', NULL, 'HUM', '2026-01-01 00:00:00' FROM department")
	undid := n.does(1, again, "cannot be confirmed", "undid it, or a part of it")
	if !regexp.MustCompile(`plan [0-9a-f-]{36}\s+undid`).MatchString(strings.ReplaceAll(undid, "\n", " ")) {
		t.Errorf("which plan is not told:\n%s", undid)
	}
	if _, err := os.Stat(confirmation); err == nil {
		t.Error("a confirmation was written")
	}
}
