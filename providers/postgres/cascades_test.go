package postgres_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCascades(t *testing.T) {
	f := newFixture(t,
		"CREATE SCHEMA other",
		"CREATE TABLE plain (a int PRIMARY KEY)",
		"CREATE TABLE refusing (a int REFERENCES plain ON DELETE RESTRICT ON UPDATE CASCADE)",
		"CREATE TABLE z_defaulted (a int REFERENCES plain ON DELETE SET DEFAULT)",
		`CREATE TABLE other."a.b" (a int REFERENCES plain ON DELETE SET NULL, b int REFERENCES plain ON DELETE CASCADE)`,
		// A partition of the referring table is not a table of its own to people.
		"CREATE TABLE referring (a int REFERENCES plain ON DELETE CASCADE) PARTITION BY LIST (a)",
		"CREATE TABLE referring1 PARTITION OF referring FOR VALUES IN (1) PARTITION BY LIST (a)",
		"CREATE TABLE referring11 PARTITION OF referring1 FOR VALUES IN (1)",
		// A key to the whole is one to each part, and one to a part concerns the whole.
		"CREATE TABLE parted (a int PRIMARY KEY) PARTITION BY LIST (a)",
		"CREATE TABLE parted1 PARTITION OF parted FOR VALUES IN (1)",
		"CREATE TABLE parted2 PARTITION OF parted FOR VALUES IN (2)",
		"CREATE TABLE to_whole (a int REFERENCES parted ON DELETE CASCADE) PARTITION BY LIST (a)",
		"CREATE TABLE to_whole1 PARTITION OF to_whole FOR VALUES IN (1)",
		"CREATE TABLE to_part (a int REFERENCES parted1 ON DELETE CASCADE)",
		// Where one partition alone refers, it is named.
		"CREATE TABLE lone (a int) PARTITION BY LIST (a)",
		"CREATE TABLE lone1 PARTITION OF lone (a REFERENCES parted2 ON DELETE CASCADE) FOR VALUES IN (1)",
		// DELETE FROM parent reaches the child's rows.
		"CREATE TABLE parent (a int)",
		"CREATE TABLE child (PRIMARY KEY (a)) INHERITS (parent)",
		"CREATE TABLE to_child (a int REFERENCES child ON DELETE CASCADE)",
	)
	for name, want := range map[string][]string{
		"plain":    {"referring", "z_defaulted", `other."a.b"`},
		"refusing": nil,
		"parted":   {"lone1", "to_part", "to_whole"},
		"parted1":  {"to_part", "to_whole"},
		"parted2":  {"lone1", "to_whole"},
		"parent":   {"to_child"},
	} {
		if diff := cmp.Diff(want, f.table(t, name).Cascades); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
