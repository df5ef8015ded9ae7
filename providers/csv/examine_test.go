package csv_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/csv"
)

func TestExamine(t *testing.T) {
	dir := write(t, map[string]string{"data/rooms.csv": "code\nA\n", "data/staff.txt": ""})
	s, err := csv.New().OpenSource(t.Context(), with(providers.Attributes{"encoding": "iso-8859-15"}), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	found, err := s.(providers.Examiner).Examine(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []providers.Finding{
		{Subject: "charset", State: providers.FindingOK, Found: "iso-8859-15, as declared"},
		{Subject: "snapshot", State: providers.FindingOK, Found: "the directory is held open; a file is read as it is then"},
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	privileges := func(tables ...string) []providers.Finding {
		var needs providers.Needs
		for _, table := range tables {
			needs.Tables = append(needs.Tables, providers.TableNeed{Table: table, Select: true})
		}
		found, err := s.(providers.PrivilegeExaminer).Privileges(t.Context(), needs)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	if found := privileges("rooms"); len(found) != 1 || found[0].State != providers.FindingOK {
		t.Errorf("%+v", found)
	}
	found = privileges("room", "rooms", "staff")
	if len(found) != 2 || found[0].State != providers.FindingProblem || !strings.Contains(found[0].Found, `Did you mean "rooms"?`) || !strings.Contains(found[1].Found, "staff.csv") {
		t.Errorf("%+v", found)
	}
	_, err = csv.New().OpenSource(t.Context(), with(nil), t.TempDir())
	if err == nil || !strings.Contains(csv.New().Advice(err), "correct directory") {
		t.Errorf("%q for: %v", csv.New().Advice(err), err)
	}
}
