package register_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/registrar-sync/registrar/providers"
)

// A role whose grants are of an older version is told what to do, and its error says so once it is made safe, too.
func TestPausesWithoutRights(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "postgres")
	w.init(false)
	role := `"limited_` + uuid.NewString() + `"`
	w.exec("CREATE ROLE " + role)
	w.exec("GRANT USAGE ON SCHEMA registrar TO " + role)
	w.exec("SET ROLE " + role)
	_, err := w.r.Pauses(t.Context(), w.conn)
	w.exec("RESET ROLE")
	w.exec("DROP OWNED BY " + role)
	w.exec("DROP ROLE " + role)
	err = providers.SafeError(w.d, err)
	if err == nil || !strings.Contains(err.Error(), "registrar init --print-grants prints: permission denied for table pause") {
		t.Errorf("the error is %v", err)
	}
}

// Who may not approve is sent to the role that may: no grants that are printed give another one that right.
func TestApprovalWithoutRights(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "postgres")
	w.init(false)
	role := `"limited_` + uuid.NewString() + `"`
	w.exec("CREATE ROLE " + role)
	w.exec("GRANT USAGE ON SCHEMA registrar TO " + role)
	w.exec("SET ROLE " + role)
	err := w.r.InsertApproval(t.Context(), w.conn, approval("a", day))
	w.exec("RESET ROLE")
	w.exec("DROP OWNED BY " + role)
	w.exec("DROP ROLE " + role)
	err = providers.SafeError(w.d, err)
	if err == nil || !strings.Contains(err.Error(), "approve as a member of the approving role") || strings.Contains(err.Error(), "print-grants") {
		t.Errorf("the error is %v", err)
	}
}
