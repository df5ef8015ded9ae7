package cli

import (
	"crypto/ed25519"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/apply"
)

// Who approves without a key is named all the same.
func TestApprover(t *testing.T) {
	if got := approver(nil, "tester@example", []apply.Approved{{}}); got != "tester@example" {
		t.Errorf("without a key it is %q", got)
	}
	given := []apply.Approved{{User: "ada"}, {User: "ada"}, {User: "ada@site"}}
	if got := approver(nil, "root@vm", given); got != "root@vm, database user ada and ada@site" {
		t.Errorf("as a user of the database it is %q", got)
	}
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	if got := approver(key, "tester@example", nil); !strings.HasPrefix(got, "tester@example, with the key ed25519:") {
		t.Errorf("with a key it is %q", got)
	}
}
